import { expect, test } from 'vitest';
import { filled } from '../../../test/small-models.ts';
import { asked, openStage } from '../../models/index.ts';
import { randomOf } from '../../tensor/index.ts';
import { jitter } from './affine-jitter.ts';

const [width, height, count] = [7, 5, 200];
const images = filled('pixels', [count, 2, height, width]);

async function passed(deviation: number): Promise<{ out: Float32Array; maps: Float32Array }> {
  const place = {
    input: { channels: 2, height, width },
    random: randomOf(3, 'view'),
    place: 0,
    model: 'none',
  };
  const stage = openStage(jitter(deviation), place);
  const { images: out, drawn } = await stage.pass(asked(images));
  await stage.release();
  return { out: out.data, maps: drawn['map']?.data as Float32Array };
}

test('each pixel is taken linearly from where the drawn map has it, black beyond the image', async () => {
  const { out, maps } = await passed(0.2);
  for (let row = 0; row < count; row++) {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = maps.subarray(6 * row, 6 * row + 6);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const [px, py] = [a * x + b * y + c, d * x + e * y + f];
        for (const channel of [0, 1]) {
          const plane = height * width * (2 * row + channel);
          let sum = 0;
          for (const j of [Math.floor(py), Math.floor(py) + 1])
            for (const i of [Math.floor(px), Math.floor(px) + 1])
              if (j >= 0 && j < height && i >= 0 && i < width)
                sum +=
                  (1 - Math.abs(px - i)) *
                  (1 - Math.abs(py - j)) *
                  (images.data[plane + j * width + i] as number);
          expect(Math.abs((out[plane + y * width + x] as number) - sum)).toBeLessThan(1e-5);
        }
      }
  }
});

test('the six numbers are normal about the identity, and cut at two deviations', async () => {
  const { maps } = await passed(0.02);
  const away = maps.map((m, i) => m - (i % 6 === 0 || i % 6 === 4 ? 1 : 0));
  expect(Math.max(...away.map(Math.abs))).toBeLessThanOrEqual(0.04 + 1e-6);
  // A normal cut at two deviations has 0.88 of its deviation.
  const deviation = Math.sqrt(away.reduce((sum, v) => sum + v ** 2, 0) / away.length);
  expect(Math.abs(deviation / 0.02 - 0.88)).toBeLessThan(0.05);
});
