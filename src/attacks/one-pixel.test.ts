import { expect, test } from 'vitest';
import { climb, gained, greys, leaving, size, slope } from '../../test/affine-world.ts';
import { linear } from '../../test/linear.ts';
import { distances, rows } from '../tensor/index.ts';
import { onePixel } from './one-pixel.ts';

/** What each of the four pixels can gain: all corners of its three channels are tried. */
const best = [0, 1, 2, 3].map((pixel) => {
  let most = 0;
  for (let corner = 0; corner < 8; corner++) {
    let sum = 0;
    for (let c = 0; c < 3; c++) sum += (slope[4 * c + pixel] as number) * (((corner >> c) & 1) - 0.5);
    most = Math.max(most, sum);
  }
  return most;
});
const order = best.toSorted((a, b) => b - a);

const weights = [new Float64Array(size), slope];

test.for([
  [1, 100],
  [2, 200],
] as const)('it finds the best of an affine model in %i pixels', async ([epsilon, population]) => {
  const limit = { norm: 'l0', epsilon } as const;
  const queries = 40 * population;
  const model = linear(weights, [3, 2, 2]);
  const { images, meter } = await climb(onePixel, 3, limit, { model, queries, options: { population } });
  const most = order.slice(0, epsilon).reduce((sum, v) => sum + v, 0);
  for (const gain of await gained(images)) expect(gain).toBeCloseTo(most, 4);
  expect([...distances(images, greys(3), 'l0')]).toEqual([epsilon, epsilon, epsilon]);
  expect([...meter.counts.scores.values()]).toEqual([queries, queries, queries]);
});

test('every question changes no more pixels than epsilon, each image in its own places', async () => {
  const asked: Float32Array[] = [];
  const model = linear(weights, [3, 2, 2], ({ data }) => asked.push(data.slice()));
  const limit = { norm: 'l0', epsilon: 2 } as const;
  const task = leaving(2, limit);
  await climb(onePixel, 2, limit, { model, queries: 300, options: { population: 10 } });
  expect(asked.length).toBe(300);
  const places = new Set<string>();
  for (const data of asked) {
    for (const n of distances({ ...task.images, data }, task.images, 'l0')) expect(n).toBeLessThanOrEqual(2);
    const own = rows({ ...task.images, data }, 0, 1).data;
    places.add([0, 1, 2, 3].map((pixel) => own.some((v, i) => i % 4 === pixel && v !== 0.5)).join());
  }
  // One pixel or two of four, as both may fall on one place; all that there are are tried.
  expect(places.size).toBe(4 + 6);
  expect(asked.filter((data) => data.slice(0, size).join() === data.slice(size).join()).length).toBe(0);
});
