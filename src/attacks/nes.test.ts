import { expect, test } from 'vitest';
import { climb, gained, greys, leaving, model, size, slope } from '../../test/affine-world.ts';
import { idsOf } from '../../test/run-attack.ts';
import { oracleOf } from '../models/index.ts';
import { randomOf, rows } from '../tensor/index.ts';
import { estimated, nes } from './nes.ts';

const [count, pairs] = [200, 25];
const random = randomOf(7, 'attack/nes');

/** The estimates at grey, an image's own each. */
async function estimates(step = 0) {
  const { goal, images } = leaving(count, { norm: 'linf', epsilon: 0.1 });
  const ids = idsOf(images);
  const oracle = oracleOf(model, { access: 'scores', ids, why: '', trouble: {} });
  const options = { pairs, sigma: 0.01, loss: 'margin' } as const;
  return estimated(
    { model: oracle, batch: { ids, images, start: images }, goal, random, options },
    images,
    step,
  );
}

test('an estimate on an affine model is the mean of (w·u) u over its own directions', async () => {
  const found = await estimates(2);
  for (const image of [0, 17]) {
    const expected = new Float64Array(size);
    for (let pair = 0; pair < pairs; pair++) {
      const u = new Float32Array(size);
      random.stream(`image${image}`, 'direction', 2 * pairs + pair).fillNormal(u, 0, 1);
      const along = u.reduce((sum, v, i) => sum + v * (slope[i] as number), 0);
      for (const [i, v] of u.entries()) expected[i] = (expected[i] as number) + (along * v) / pairs;
    }
    for (const [i, g] of rows(found, image, image + 1).data.entries())
      expect(g).toBeCloseTo(expected[i] as number, 2);
  }
});

test('the mean of estimates is the gradient', async () => {
  const { data } = await estimates();
  const squares = slope.reduce((sum, w) => sum + w * w, 0);
  for (const [i, w] of slope.entries()) {
    let mean = 0;
    for (let image = 0; image < count; image++) mean += (data[image * size + i] as number) / count;
    // The variance of (w·u) u_i is |w|² + w_i²; five standard deviations.
    expect(Math.abs(mean - w)).toBeLessThan(5 * Math.sqrt((squares + w * w) / (count * pairs)));
  }
});

test.for([
  ['linf', slope.reduce((sum, w) => sum + Math.abs(w), 0)],
  ['l2', Math.hypot(...slope)],
] as const)('it comes near what an affine model allows (%s)', async ([norm, dual]) => {
  const { images, meter } = await climb(nes, 5, { norm, epsilon: 0.1 }, { queries: 1500 });
  for (const gain of await gained(images)) {
    expect(gain / (0.1 * dual)).toBeGreaterThan(0.97);
    expect(gain / (0.1 * dual)).toBeLessThan(1 + 1e-5);
  }
  expect([...meter.counts.scores.values()]).toEqual(Array.from({ length: 5 }, () => 1500));
  expect(images).not.toEqual(greys(5));
});
