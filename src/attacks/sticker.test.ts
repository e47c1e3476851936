import { expect, test } from 'vitest';
import { greys, leaving, slope } from '../../test/affine-world.ts';
import { runAttack } from '../../test/run-attack.ts';
import { limitOf, type Tensor, tensor } from '../tensor/index.ts';
import { sticker } from './sticker.ts';

test('on an affine model a sticker ends at the best pixels of its region, and nothing else changes', async () => {
  const images = greys(2);
  const masks: Tensor<'uint8'> = tensor(Uint8Array.from([1, 0, 0, 1, 0, 1, 0, 0]), [2, 1, 2, 2], 'uint8');
  const spec = { norm: 'linf', epsilon: 'free', region: 'mask' } as const;
  const limit = limitOf(spec, images, { pixels: 'float32', masks });
  const task = { ...leaving(2, { norm: 'linf', epsilon: 1 }), limit };
  const { images: made } = await runAttack(sticker, task);
  for (const [i, v] of made.data.entries()) {
    const [row, entry] = [Math.floor(i / 12), i % 12];
    const open = masks.data[row * 4 + (entry % 4)] === 1;
    expect(v).toBe(open ? Number((slope[entry] as number) > 0) : 0.5);
  }
});

test('it starts at the image, or at pixels of its own where it is told to', async () => {
  const images = greys(2);
  const limit = limitOf({ norm: 'linf', epsilon: 0.4 }, images, { pixels: 'float32' });
  const first = async (randomStart: boolean): Promise<Float32Array> => {
    const steps: Float32Array[] = [];
    const options = { randomStart, steps: 1, stepSize: 1e-6 };
    const task = { ...leaving(2, { norm: 'linf', epsilon: 1 }), limit, options };
    await runAttack(sticker, task, (made) => steps.push(made.data.slice()));
    return steps[0] as Float32Array;
  };
  expect((await first(false)).every((v) => Math.abs(v - 0.5) < 1e-5)).toBe(true);
  const [drawn, again] = [await first(true), await first(true)];
  expect(drawn.filter((v) => Math.abs(v - 0.5) > 0.01).length).toBeGreaterThan(12);
  expect(again).toEqual(drawn);
  expect(drawn.subarray(0, 12)).not.toEqual(drawn.subarray(12));
});
