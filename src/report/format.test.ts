import { describe, expect, test } from 'vitest';
import { counted, percent, percentInterval, points, pointsInterval, secondsText } from './format.ts';

describe('figures as text', () => {
  test('shares with one decimal, also when whole', () => {
    expect([0, 0.61, 1, 0.0004].map(percent)).toEqual(['0.0 %', '61.0 %', '100.0 %', '0.0 %']);
    expect(percentInterval({ value: 0.61, low: 0.55, high: 0.67 })).toBe('61.0 % (55.0–67.0)');
  });

  test('differences carry a sign, but not what rounds to nothing', () => {
    expect([0.123, -0.004, 0.0001, -0.0001].map(points)).toEqual(['+12.3', '−0.4', '0.0', '0.0']);
    expect(pointsInterval({ value: 0.01, low: -0.02, high: 0.04 })).toBe('+1.0 (−2.0 to +4.0)');
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
});
