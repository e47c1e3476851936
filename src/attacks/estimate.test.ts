import { describe, expect, test } from 'vitest';
import { leaving, model, size, slope } from '../../test/affine-world.ts';
import { idsOf } from '../../test/run-attack.ts';
import { oracleOf } from '../models/index.ts';
import { type Images, randomOf, rows } from '../tensor/index.ts';
import { estimated, normals, type Pairs, signs } from './estimate.ts';

const [count, pairs] = [200, 25];
const random = randomOf(7, 'attack/nes');

/** The estimates at grey, an image's own each. */
async function estimates(draw: Pairs['draw'], step = 0): Promise<Images> {
  const { goal, images } = leaving(count, { norm: 'linf', epsilon: 0.1 });
  const ids = idsOf(images);
  const oracle = oracleOf(model, { access: 'scores', ids, why: '', trouble: {} });
  return estimated({ model: oracle, batch: { ids, images, start: images }, goal, random }, images, step, {
    pairs,
    distance: 0.01,
    loss: 'margin',
    draw,
  });
}

const squares = slope.reduce((sum, w) => sum + w * w, 0);

/** And the variance of (w·u) u_i. */
describe.for([
  { name: 'normals', draw: normals, variance: (w: number) => squares + w * w },
  { name: 'signs', draw: signs, variance: (w: number) => squares - w * w },
])('from $name', ({ draw, variance }) => {
  test('an estimate on an affine model is the mean of (w·u) u over its own directions', async () => {
    const found = await estimates(draw, 2);
    for (const image of [0, 17]) {
      const expected = new Float64Array(size);
      for (let pair = 0; pair < pairs; pair++) {
        const u = new Float32Array(size);
        draw(random.stream(`image${image}`, 'direction', 2 * pairs + pair), u);
        const along = u.reduce((sum, v, i) => sum + v * (slope[i] as number), 0);
        for (const [i, v] of u.entries()) expected[i] = (expected[i] as number) + (along * v) / pairs;
      }
      for (const [i, g] of rows(found, image, image + 1).data.entries())
        expect(g).toBeCloseTo(expected[i] as number, 2);
    }
  });

  test('the mean of estimates is the gradient', async () => {
    const { data } = await estimates(draw);
    for (const [i, w] of slope.entries()) {
      let mean = 0;
      for (let image = 0; image < count; image++) mean += (data[image * size + i] as number) / count;
      // Five standard deviations.
      expect(Math.abs(mean - w)).toBeLessThan(5 * Math.sqrt(variance(w) / (count * pairs)));
    }
  });
});

test('signs are drawn anew, and as often up as down', () => {
  const u = new Float32Array(6400).fill(7);
  signs(randomOf(1, 'test').stream('', 'direction'), u);
  expect(new Set(u)).toEqual(new Set([-1, 1]));
  expect(Math.abs(u.reduce((sum, v) => sum + v, 0))).toBeLessThan(5 * 80);
});
