import { expect, test } from 'vitest';
import { lossDifference } from './claims.ts';

test('a difference of losses is over pairs', () => {
  // The first loses 1 of 4, the second 3 of 4, of which two are the other's too.
  const { value, low, high } = lossDifference(['1111', '1110'], ['1111', '1000']);
  expect(value).toBe(-50);
  expect((low + high) / 2).toBeCloseTo(-50);
  expect(high - low).toBeCloseTo(2 * 100 * 1.96 * Math.sqrt(1 / 3 / 4), 0);
});
