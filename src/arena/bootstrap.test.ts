import { describe, expect, test } from 'vitest';
import { bootstrap, estimate, least, ratio, resamples, total } from './bootstrap.ts';

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

describe('figures over resamples', () => {
  /** A figure of the dataset, then those of the resamples, others 0. */
  const figures = (...values: number[]): Float64Array => {
    const out = new Float64Array(resamples + 1);
    out.set(values);
    return out;
  };

  test('an interval leaves out a fortieth at either end, the dataset itself not counted', () => {
    // 0 to 2000 in equal steps, in the opposite order.
    const even = Float64Array.from({ length: 2002 }, (_, i) => (i === 0 ? -5 : 2001 - i));
    expect(estimate(even)).toEqual({ value: -5, low: 50, high: 1950 });
  });

  test('resamples without a figure do not count; without any the figure stands alone', () => {
    expect(estimate(Float64Array.of(0.5, Number.NaN, 0.25, Number.NaN))).toEqual({
      value: 0.5,
      low: 0.25,
      high: 0.25,
    });
    expect(estimate(Float64Array.of(0.5, Number.NaN))).toEqual({ value: 0.5, low: 0.5, high: 0.5 });
  });

  test('quotients are one by one, and none over nothing', () => {
    expect([...ratio(Float64Array.of(1, 0, 6), Float64Array.of(2, 0, 3))]).toEqual([0.5, Number.NaN, 2]);
  });

  test('sums begin with nothing', () => {
    expect(total([figures(1, 2), figures(10, 20, 30)]).subarray(0, 3)).toEqual(Float64Array.of(11, 22, 30));
    expect(new Set(total([]))).toEqual(new Set([0]));
  });

  test('the least is that of each resample, whatever the order; what is none does not count', () => {
    const [a, b] = [figures(3, 1, Number.NaN, Number.NaN), figures(2, 4, 5, Number.NaN)];
    for (const parts of [
      [a, b],
      [b, a],
    ])
      expect([...least(parts).subarray(0, 4)]).toEqual([2, 1, 5, Number.NaN]);
    expect(least([])[0]).toBeNaN();
  });

  test('the dataset itself comes first, then as many resamples of its size', () => {
    const sums = bootstrap(7, 1).sums(new Uint8Array(7).fill(1));
    expect(sums.length).toBe(2001);
    expect(new Set(sums)).toEqual(new Set([7]));
    const [whole, ...others] = bootstrap(3, 1).sums([1, 10, 100]);
    expect(whole).toBe(111);
    expect(new Set(others).size).toBe(10);
    expect(bootstrap(3, 1).sums([1, 10, 100])).toEqual(bootstrap(3, 1).sums([1, 10, 100]));
    expect(bootstrap(3, 2).sums([1, 10, 100])).not.toEqual(bootstrap(3, 1).sums([1, 10, 100]));
  });
});
