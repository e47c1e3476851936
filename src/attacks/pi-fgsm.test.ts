import { expect, test } from 'vitest';
import { affine } from '../../test/pixel-networks.ts';
import { runAttack } from '../../test/run-attack.ts';
import { limitOf, tensor } from '../tensor/index.ts';
import { piFgsm } from './pi-fgsm.ts';

const side = 5;
const input = { channels: 1, height: side, width: side };
const middle = 12;
const epsilon = 0.1;

/** What becomes of grey where the one pixel in the middle decides. */
async function changed(options: Record<string, unknown>): Promise<number[]> {
  const weights = new Float32Array(side * side * 2);
  weights[2 * middle] = 1;
  const images = tensor(new Float32Array(side * side).fill(0.5), [1, 1, side, side]);
  const made = await runAttack(piFgsm, {
    model: affine('one', input, tensor(weights, [side * side, 2])),
    images,
    goal: { kind: 'untargeted', classes: Int32Array.of(0) },
    limit: limitOf({ norm: 'linf', epsilon }, images, { pixels: 'float32' }),
    options,
  });
  return [...made.images.data].map((v) => Math.round((v - 0.5) * 1000) / 1000);
}

test('what a pixel cannot take any more goes to its neighbours, with its sign', async () => {
  const ring = [6, 7, 8, 11, 13, 16, 17, 18];
  // One step of 10 epsilon: the neighbours are moved by as much, and cut at the border of the ball.
  expect(await changed({ steps: 1 })).toEqual(
    Array.from({ length: side * side }, (_, i) => (i === middle || ring.includes(i) ? -epsilon : 0)),
  );
  const half = await changed({ steps: 1, projection: 0.05 });
  expect([half[middle], half[7], half[0]]).toEqual([-epsilon, -epsilon / 2, 0]);
  // Nothing is cut where steps stay within.
  expect((await changed({ steps: 10, amplification: 1 })).filter((v) => v !== 0)).toEqual([-epsilon]);
});
