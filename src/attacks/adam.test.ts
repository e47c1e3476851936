import { expect, test } from 'vitest';
import { adam } from './adam.ts';

test('steps are those of the paper', () => {
  const [x, state] = [Float32Array.of(1, -2, 3), adam(3)];
  let [m, v] = [0, 0];
  let expected = 1;
  for (let t = 1; t <= 5; t++) {
    const g = 0.3 * t - 0.7;
    state.step(x, Float32Array.of(g, 0, 1e-6 * t), 0.1);
    [m, v] = [0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g];
    expected -= (0.1 * (m / (1 - 0.9 ** t))) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-8);
  }
  expect(x[0]).toBeCloseTo(expected, 5);
  // What has no slope stays; how steep one is makes next to no difference.
  expect(x[1]).toBe(-2);
  expect(x[2]).toBeLessThan(2.6);
});
