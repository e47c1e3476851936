import { describe, expect, test } from 'vitest';
import {
  counted,
  countText,
  intervalOf,
  normNames,
  percent,
  percentInterval,
  points,
  pointsInterval,
  secondsText,
} from './format.ts';

describe('figures as text', () => {
  test('shares with one decimal, also when whole', () => {
    expect([0, 0.61, 1, 0.0004].map(percent)).toEqual(['0.0 %', '61.0 %', '100.0 %', '0.0 %']);
    expect(percentInterval({ value: 0.61, low: 0.55, high: 0.67 })).toBe('61.0 % (55.0–67.0)');
  });

  test('shares are rounded to the next tenth of a per cent', () => {
    expect([0.005, 0.0004, 0.0006, 0.9994, 0.9996].map(percent)).toEqual([
      '0.5 %',
      '0.0 %',
      '0.1 %',
      '99.9 %',
      '100.0 %',
    ]);
    expect(intervalOf({ low: 0.0004, high: 0.9996 })).toBe('0.0–100.0');
  });

  test('differences carry a sign, but not what rounds to nothing', () => {
    expect([0.123, -0.004, 0.0001, -0.0001].map(points)).toEqual(['+12.3', '−0.4', '0.0', '0.0']);
    expect(pointsInterval({ value: 0.01, low: -0.02, high: 0.04 })).toBe('+1.0 (−2.0 to +4.0)');
  });

  test('differences begin to carry a sign at a twentieth of a point', () => {
    expect([0.00051, 0.00049, -0.00051, -0.00049, 0, -1, 1].map(points)).toEqual([
      '+0.1',
      '0.0',
      '−0.1',
      '0.0',
      '0.0',
      '−100.0',
      '+100.0',
    ]);
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

  test('a tenth of a second has two decimals, less has three', () => {
    expect([0, 0.0994, 0.1, 0.104, 9.99, 10, 99.94, 100.4].map(secondsText)).toEqual([
      '0.000 s',
      '0.099 s',
      '0.10 s',
      '0.10 s',
      '9.99 s',
      '10.0 s',
      '99.9 s',
      '100 s',
    ]);
  });

  test('none is many, and thousands are parted', () => {
    expect([0, 1, 2, 1000].map((count) => counted(count, 'image'))).toEqual([
      '0 images',
      '1 image',
      '2 images',
      '1,000 images',
    ]);
    expect([999, 1_234_567].map(countText)).toEqual(['999', '1,234,567']);
  });

  test('norms as people write them', () => {
    expect(normNames).toEqual({ linf: 'L∞', l2: 'L2', l1: 'L1', l0: 'L0', 'l0-entries': 'L0 of entries' });
  });

  test('counts agree with their noun', () => {
    expect([counted(1, 'query', 'queries'), counted(12345, 'image')]).toEqual(['1 query', '12,345 images']);
  });
});
