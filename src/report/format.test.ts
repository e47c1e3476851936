import { describe, expect, test } from 'vitest';
import {
  counted,
  epsilonText,
  median,
  percent,
  percentInterval,
  points,
  pointsInterval,
  secondsText,
} from './format.ts';
import { wilson } from './wilson.ts';

describe('figures as text', () => {
  test('shares with one decimal, also when whole', () => {
    expect([0, 0.61, 1, 0.0004].map(percent)).toEqual(['0.0 %', '61.0 %', '100.0 %', '0.0 %']);
    expect(percentInterval({ value: 0.61, low: 0.55, high: 0.67 })).toBe('61.0 % (55.0–67.0)');
  });

  test('differences carry a sign, but not what rounds to nothing', () => {
    expect([0.123, -0.004, 0.0001, -0.0001].map(points)).toEqual(['+12.3', '−0.4', '0.0', '0.0']);
    expect(pointsInterval({ value: 0.01, low: -0.02, high: 0.04 })).toBe('+1.0 (−2.0 to +4.0)');
  });

  test('bounds as people write them', () => {
    expect(epsilonText('linf', 8 / 255)).toBe('8/255');
    expect(epsilonText('linf', 0.03)).toBe('0.03');
    expect(epsilonText('l2', 128 / 255)).toBe('0.502');
    expect(epsilonText('l0', 24)).toBe('24 pixels');
    expect(epsilonText('l0', 1)).toBe('1 pixel');
    expect(epsilonText('l0-entries', 24)).toBe('24 entries');
  });

  test('seconds with three digits across the decades', () => {
    expect([0.04249, 0.5, 9.994, 9.996, 99.94, 99.96, 3600].map(secondsText)).toEqual([
      '0.042 s',
      '0.50 s',
      '9.99 s',
      '10.0 s',
      '99.9 s',
      '100 s',
      '3600 s',
    ]);
  });

  test('counts agree with their noun', () => {
    expect([counted(1, 'query', 'queries'), counted(12345, 'image')]).toEqual(['1 query', '12,345 images']);
  });

  test('median of an even and an odd number of values, in any order', () => {
    expect(median([9, 1, 4])).toBe(4);
    expect(median([9, 1, 4, 2])).toBe(3);
    expect(() => median([])).toThrow(RangeError);
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
