import { expect, test } from 'vitest';
import { climb, gained, greys, slope } from '../../test/affine-world.ts';
import { nes } from './nes.ts';

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
