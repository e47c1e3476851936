import { expect, test } from 'vitest';
import { greys, model, slope } from '../../test/affine-world.ts';
import { type Ran, runAttack } from '../../test/run-attack.ts';
import { asked, scoresOf } from '../models/index.ts';
import { distances, type Images, limitOf, type Norm, tensor } from '../tensor/index.ts';
import { brightness } from './brightness.ts';
import { contrast } from './contrast.ts';
import type { Attack } from './define.ts';
import { blurred, gaussianBlur } from './gaussian-blur.ts';
import { saltAndPepper } from './salt-and-pepper.ts';
import { attackMargins } from './track.ts';

const goal = { kind: 'untargeted', classes: new Int32Array(1) } as const;

async function run(
  attack: Attack,
  images: Images,
  norm: Norm,
  options = {},
): Promise<Ran & { distance: number }> {
  const limit = limitOf({ norm, epsilon: 'free' }, images, { pixels: 'float32' });
  const ran = await runAttack(attack, { model, images, goal, limit, options });
  return { ...ran, distance: distances(ran.images, images, norm)[0] as number };
}

async function marginOf(images: Images): Promise<number> {
  return attackMargins(scoresOf(await model.answers(asked(images))), goal)[0] as number;
}

/** Grey moved along these directions until the margin is that. */
async function at(margin: number, direction: readonly number[]): Promise<Images> {
  const images = greys(1);
  const per = slope.reduce((sum, w, i) => sum + w * (direction[i] as number), 0);
  const by = (margin - (await marginOf(images))) / per;
  images.data.set(images.data.map((x, i) => x + by * (direction[i] as number)));
  return images;
}

const signs = Array.from(slope, Math.sign);

test('contrast goes as far as the class, and no further', async () => {
  const images = await at(-0.3, signs);
  const grey = await marginOf(greys(1));
  const { distance, images: made } = await run(contrast, images, 'linf', { steps: 20, bisections: 20 });
  // The margin is linear on the way: at a share of it that of grey would be crossed, if that is above 0.
  const widest = distances(greys(1), images, 'linf')[0] as number;
  expect(distance).toBeCloseTo(grey > 0 ? (widest * 0.3) / (grey + 0.3) : 0, 5);
  expect((await marginOf(made)) > 0).toBe(grey > 0);
});

test('brightness takes the nearer of both ways', async () => {
  const images = await at(-0.2, signs);
  const per = slope.reduce((sum, w) => sum + w, 0);
  const { distance } = await run(brightness, images, 'linf', { steps: 50, bisections: 20 });
  expect(distance).toBeCloseTo(0.2 / Math.abs(per), 4);
});

test('an image that fools the model is asked about, and left', async () => {
  const images = await at(0.1, signs);
  for (const attack of [contrast, brightness, gaussianBlur, saltAndPepper]) {
    const { distance, images: made } = await run(attack, images, attack.norms[0] as Norm);
    expect([distance, made.data]).toEqual([0, images.data]);
  }
});

test('blur keeps the mean and what is flat, does nothing at 0, and in the end leaves the mean alone', () => {
  const shape = [2, 5, 4] as const;
  const image = Float32Array.from({ length: 40 }, (_, i) => ((i * 7) % 11) / 10);
  const mean = (x: Float32Array): number => x.reduce((a, v) => a + v, 0) / x.length;
  expect(blurred(image, shape, 0)).toEqual(image);
  for (const deviation of [0.3, 1, 4])
    expect(mean(blurred(image, shape, deviation))).toBeCloseTo(mean(image), 5);
  const flat = new Float32Array(40).fill(0.3);
  for (const v of blurred(flat, shape, 2)) expect(v).toBeCloseTo(0.3, 6);
  const end = blurred(image, shape, 50).subarray(0, 20);
  for (const v of end) expect(v).toBeCloseTo(mean(image.subarray(0, 20)), 3);
  // A point spreads alike to both sides.
  const point = new Float32Array(25);
  point[12] = 1;
  const spread = blurred(point, [1, 5, 5], 0.8);
  expect(spread[11]).toBeCloseTo(spread[13] as number, 6);
  expect(spread[7]).toBeCloseTo(spread[11] as number, 6);
  expect(spread[12]).toBeGreaterThan(spread[11] as number);
});

test('salt and pepper sets whole pixels to the ends of the range, and finds the fewest of an order', async () => {
  const images = await at(-0.3, signs);
  const seen: Float32Array[] = [];
  const limit = limitOf({ norm: 'l0', epsilon: 'free' }, images, { pixels: 'float32' });
  const options = { steps: 4, bisections: 0, restarts: 20 };
  const { images: made } = await runAttack(saltAndPepper, { model, images, goal, limit, options }, (x) => {
    seen.push(x.data.slice());
  });
  for (const data of [...seen, made.data])
    for (let p = 0; p < 4; p++) {
      const own = [0, 1, 2].map((c) => data[4 * c + p]);
      const clean = [0, 1, 2].map((c) => images.data[4 * c + p]);
      expect([clean, [0, 0, 0], [1, 1, 1]]).toContainEqual(own);
    }
  expect(distances(made, images, 'l0')[0]).toBeGreaterThan(0);
});

test('the first place that fools is the answer, also where the path leads back', async () => {
  const { distance } = await run(contrast, tensor(greys(1).data, [1, 3, 2, 2]), 'linf', { steps: 3 });
  expect(distance).toBe(0);
});
