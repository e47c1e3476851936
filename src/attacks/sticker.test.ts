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
