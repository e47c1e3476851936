import { expect, test } from 'vitest';
import { quasiNewton, type ValueAt } from './quasi-newton.ts';

/** Runs a search whose questions need no answers. */
function lowest(start: readonly number[], value: (x: Float64Array, g: Float64Array) => number, steps = 100) {
  const x = Float64Array.from(start);
  let asked = 0;
  // oxlint-disable-next-line require-yield -- the value is known here
  const valueAt: ValueAt = function* (at, gradient) {
    asked++;
    return value(at, gradient);
  };
  expect(quasiNewton(x, valueAt, steps).next().done).toBe(true);
  return { x: [...x], asked };
}

test('a bowl that is steep one way and flat the other is left at its lowest point', () => {
  const { x, asked } = lowest([0.9, 0.1, 0.5], (at, g) => {
    const [a = 0, b = 0, c = 0] = at;
    g.set([2000 * (a - 0.3), 0.2 * (b - 0.6), 2 * (c - 0.5) + (a - 0.3)]);
    g[0] = (g[0] as number) + (c - 0.5);
    return 1000 * (a - 0.3) ** 2 + 0.1 * (b - 0.6) ** 2 + (c - 0.5) ** 2 + (a - 0.3) * (c - 0.5);
  });
  expect(x[0]).toBeCloseTo(0.3, 3);
  expect(x[1]).toBeCloseTo(0.6, 2);
  expect(x[2]).toBeCloseTo(0.5, 3);
  expect(asked).toBeLessThan(60);
});

test('where it lies outside, the nearest point of the range in the direction of each entry is', () => {
  const { x } = lowest([0.5, 0.5, 0], (at, g) => {
    const [a = 0, b = 0, c = 0] = at;
    g.set([2 * (a + 2), 2 * (b - 0.4), 2 * (c + 1)]);
    return (a + 2) ** 2 + (b - 0.4) ** 2 + (c + 1) ** 2;
  });
  expect(x[0]).toBe(0);
  expect(x[1]).toBeCloseTo(0.4, 6);
  expect(x[2]).toBe(0);
});

test('it ends where nothing falls: on flat ground at once', () => {
  expect(lowest([0.2, 0.8], () => 1)).toEqual({ x: [0.2, 0.8], asked: 1 });
});
