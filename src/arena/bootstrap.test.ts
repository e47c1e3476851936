import { describe, expect, test } from 'vitest';
import { bootstrap, estimate } from './bootstrap.ts';

describe('bootstrap', () => {
  test('has the interval of a share', () => {
    const count = 400;
    const boot = bootstrap(count, 3);
    const values = Uint8Array.from({ length: count }, (_, i) => Number(i % 4 === 0));
    const { value, low, high } = estimate(boot.sums(values).map((sum) => sum / count));
    expect(value).toBe(0.25);
    // Normal approximation: 1.96 standard errors of 0.02165; the tolerance is that of 2000 resamples.
    expect(low).toBeCloseTo(0.25 - 0.0424, 1.9);
    expect(high).toBeCloseTo(0.25 + 0.0424, 1.9);
  });

  test('is paired: figures of one image never differ', () => {
    const boot = bootstrap(50, 1);
    const values = Uint8Array.from({ length: 50 }, (_, i) => i % 2);
    const [a, b] = [boot.sums(values), boot.sums(values)];
    expect(estimate(a.map((v, i) => v - (b[i] as number)))).toEqual({ value: 0, low: 0, high: 0 });
    expect(new Set(a).size).toBeGreaterThan(5);
  });
});
