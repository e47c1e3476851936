import { expect, test } from 'vitest';
import { affine } from '../../test/pixel-networks.ts';
import { runAttack } from '../../test/run-attack.ts';
import { inverseDct, lengthOf, limitOf, tensor } from '../tensor/index.ts';
import { geoda } from './geoda.ts';

const [channels, side] = [3, 9];
const size = channels * side * side;

/** Of the three lowest frequencies of each axis; it says nothing of brightness. */
const slope = new Float64Array(size);
for (let c = 0; c < channels; c++) {
  const coefficients = new Float64Array(side * side);
  for (let k = 0; k < 3; k++)
    for (let l = 0; l < 3; l++)
      coefficients[k * side + l] = k + l === 0 ? 0 : Math.sin(1 + 5 * c + 3 * k + l);
  slope.set(inverseDct(coefficients, side, side), c * side * side);
}
const length = lengthOf(slope, 'l2');

/** The second of two logits rises along it; the first is 0. */
const model = affine(
  'low frequencies',
  { channels, height: side, width: side },
  tensor(
    Float32Array.from({ length: 2 * size }, (_, j) => (j % 2) * (slope[j >> 1] as number)),
    [size, 2],
  ),
);

/** At 0.3 from the border. */
const images = tensor(
  Float32Array.from(slope, (s) => 0.5 - (0.3 * s) / length),
  [1, channels, side, side],
);

/** The distance found, in units of the nearest. */
async function found(norm: 'l2' | 'linf', options = {}): Promise<number> {
  const limit = limitOf({ norm, epsilon: 'free' }, images, { pixels: 'float32' });
  const goal = { kind: 'untargeted', classes: new Int32Array(1) } as const;
  const { images: made } = await runAttack(geoda, { model, images, goal, limit, queries: 4000, options });
  const nearest = norm === 'l2' ? 0.3 : (0.3 * length) / lengthOf(slope, 'l1');
  return (limit.distance(made)[0] as number) / nearest;
}

test.for(['l2', 'linf'] as const)(
  'where the normal is of low frequencies, neighbours of these find it sooner (%s)',
  async (norm) => {
    const low = await found(norm);
    expect(low).toBeGreaterThan(1 - 1e-4);
    expect(low).toBeLessThan(1.02);
    expect(await found(norm, { frequencies: 1 })).toBeGreaterThan(1.05);
  },
);

// Rounds of 65 alone would leave 1.14.
test('all rounds so far make the normal', async () => {
  expect(await found('l2', { lambda: 1 })).toBeLessThan(1.03);
});
