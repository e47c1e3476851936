import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { markLargest } from './largest.ts';

const marked = (values: readonly number[], count: number): number[] => [
  ...markLargest(Float64Array.from(values), count),
];

test('the largest are marked, the first of equal ones, and nothing that is 0', () => {
  expect(marked([3, 1, 2, 3, 2], 3)).toEqual([1, 0, 1, 1, 0]);
  expect(marked([1, 1, 1], 2)).toEqual([1, 1, 0]);
  expect(marked([0, 5, 0], 2)).toEqual([0, 1, 0]);
  expect(marked([1, 2], 0)).toEqual([0, 0]);
  expect(marked([1, 2], 9)).toEqual([1, 1]);
});

test('what float32 cannot tell apart or hold keeps its order', () => {
  expect(marked([1, 1 + 1e-12, 1 - 1e-12], 1)).toEqual([0, 1, 0]);
  expect(marked([1e300, 2e300, 1e-300, 2e-300], 1)).toEqual([0, 1, 0, 0]);
  expect(marked([1e-300, 2e-300, 0], 1)).toEqual([0, 1, 0]);
});

test('as sorting finds them', () => {
  const value = fc.oneof(fc.nat(5), fc.double({ min: 0, max: 1e40, noNaN: true }));
  fc.assert(
    fc.property(fc.array(value, { maxLength: 60 }), fc.nat(60), (values, count) => {
      const order = values
        .map((_, i) => i)
        .toSorted((i, j) => (values[j] as number) - (values[i] as number) || i - j);
      const expected = values.map(() => 0);
      for (const i of order.slice(0, count)) if ((values[i] as number) > 0) expected[i] = 1;
      expect(marked(values, count)).toEqual(expected);
    }),
  );
});
