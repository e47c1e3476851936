import { expect, test } from 'vitest';
import { duration } from './progress.ts';

test('times are told in their two largest units', () => {
  expect([-1, 0, 12.4, 59.6, 61, 125, 3599, 3600, 3725, 90_000].map(duration)).toEqual([
    '0 s',
    '0 s',
    '12 s',
    '1 min 00 s',
    '1 min 01 s',
    '2 min 05 s',
    '59 min 59 s',
    '1 h 00 min',
    '1 h 02 min',
    '25 h 00 min',
  ]);
});
