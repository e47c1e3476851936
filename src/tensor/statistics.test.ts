import { describe, expect, test } from 'vitest';
import { meanEstimate, median, ones, quantile, signTest, wilson } from './statistics.ts';

test('bits are counted in arrays and in texts', () => {
  expect(ones(Uint8Array.of(1, 0, 1, 1))).toBe(3);
  expect(ones('0110')).toBe(2);
  expect(ones('')).toBe(0);
});

describe('order statistics', () => {
  // By hand: nine equal steps from the first to the last value.
  test.for([
    [0, 3],
    [0.025, 3.675],
    [0.25, 7.25],
    [0.5, 9],
    [0.75, 14.5],
    [1, 20],
  ] as const)('quantile %f', ([share, value]) => {
    expect(quantile([3, 6, 7, 8, 8, 10, 13, 15, 16, 20], share)).toBeCloseTo(value, 12);
  });

  test('of one value it is that one, of none there is none', () => {
    expect(quantile(Float64Array.of(7), 0.025)).toBe(7);
    expect(() => quantile([], 0.5)).toThrow(new RangeError('no values to take a quantile of'));
    expect(() => quantile([1, 2], 1.5)).toThrow(new RangeError('share 1.5 is not in [0, 1]'));
  });

  test('median of an even and an odd number of values, in any order', () => {
    expect(median([9, 1, 4])).toBe(4);
    expect(median([9, 1, 4, 20])).toBe(6.5);
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('meanEstimate', () => {
  test('extra hours of sleep', () => {
    // Student 1908, Biometrika 6, 1: the mean is 1.58; as R's t.test shows it, that is 4.0621 standard errors.
    const { value, low, high } = meanEstimate([1.2, 2.4, 1.3, 1.3, 0, 1, 1.8, 0.8, 4.6, 1.4]);
    expect(value).toBeCloseTo(1.58, 12);
    expect((1.959964 * value) / (high - value)).toBeCloseTo(4.0621, 4);
    expect(value - low).toBeCloseTo(high - value, 12);
  });

  test('no spread, no width; no values, no mean', () => {
    expect(meanEstimate([0.5, 0.5])).toEqual({ value: 0.5, low: 0.5, high: 0.5 });
    expect(() => meanEstimate([])).toThrow(new RangeError('no values to take a mean of'));
  });
});

describe('wilson', () => {
  // Newcombe 1998, Statistics in Medicine 17, 857: table I, method 3.
  test.for([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ] as const)('%i of %i', ([successes, trials, low, high]) => {
    const estimate = wilson(successes, trials);
    expect(estimate.low).toBeCloseTo(low, 4);
    expect(estimate.high).toBeCloseTo(high, 4);
  });

  test('all of all reaches 1, none of none says nothing', () => {
    expect(wilson(20, 20).high).toBe(1);
    expect(wilson(0, 0)).toEqual({ value: 0, low: 0, high: 1 });
  });
});

describe('signTest', () => {
  // Binomial tails of n = 10 and 5, in 1024ths and 32nds.
  test.for([
    [5, 0, 1 / 32],
    [10, 0, 1 / 1024],
    [9, 1, 11 / 1024],
    [8, 2, 56 / 1024],
    [5, 5, 638 / 1024],
    [0, 10, 1],
    [0, 0, 1],
  ] as const)('%i wins, %i losses', ([wins, losses, likely]) => {
    expect(signTest(wins, losses)).toBeCloseTo(likely, 12);
  });

  test('of thousands, where a single power of two is too small to be told from 0', () => {
    expect(signTest(2000, 2000)).toBeCloseTo(0.5063, 3);
    expect(signTest(4000, 0)).toBe(0);
    expect(signTest(2100, 1900)).toBeCloseTo(0.00082, 4);
  });
});
