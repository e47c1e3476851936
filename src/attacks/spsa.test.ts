import { expect, test } from 'vitest';
import { climb, gained, slope } from '../../test/affine-world.ts';
import { rows } from '../tensor/index.ts';
import { spsa } from './spsa.ts';

const limit = { norm: 'linf', epsilon: 0.1 } as const;

test('it comes near what an affine model allows', async () => {
  const { images, meter } = await climb(spsa, 5, limit, { queries: 4000 });
  const dual = slope.reduce((sum, w) => sum + Math.abs(w), 0);
  for (const gain of await gained(images)) {
    expect(gain / (limit.epsilon * dual)).toBeGreaterThan(0.97);
    expect(gain / (limit.epsilon * dual)).toBeLessThan(1 + 1e-5);
  }
  expect([...meter.counts.scores.values()]).toEqual(Array.from({ length: 5 }, () => 4000));
});

test('the first step has the length of Adam’s in each entry, uphill where the estimate is sure', async () => {
  const options = { pairs: 400, stepSize: 0.02 };
  // The image, its neighbours, and the image after the step.
  const { images } = await climb(spsa, 2, limit, { queries: 802, options });
  const sure = [...slope.keys()].filter(
    (i) => Math.abs(slope[i] as number) > (5 * Math.hypot(...slope)) / Math.sqrt(400),
  );
  expect(sure.length).toBeGreaterThan(3);
  for (const image of [0, 1]) {
    const change = rows(images, image, image + 1).data.map((v) => v - 0.5);
    for (const v of change) expect(Math.abs(v)).toBeCloseTo(0.02, 5);
    for (const i of sure) expect(Math.sign(change[i] as number)).toBe(Math.sign(slope[i] as number));
  }
});
