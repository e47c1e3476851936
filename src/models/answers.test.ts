import { expect, test } from 'vitest';
import { tensor } from '../tensor/index.ts';
import { answersOf, argmax } from './answers.ts';

const inf = Number.POSITIVE_INFINITY;
const scores = (...rows: number[][]) =>
  tensor(new Float32Array(rows.flat()), [rows.length, rows[0]?.length ?? 0]);

test('the class of the largest score, the first of equals', () => {
  expect([...argmax(scores([1, 3, 2], [2, 2, 1], [-inf, -5, -inf], [inf, 1, -inf], [0, 1, inf]))]).toEqual([
    1, 0, 1, 0, 2,
  ]);
});

test('a row without a largest abstains', () => {
  const odd = scores([Number.NaN, 1, 2], [1, 2, Number.NaN], [inf, 0, inf], [-inf, -inf, -inf], [1, 2, 3]);
  expect(answersOf(odd)).toMatchObject({
    classes: new Int32Array([-1, -1, -1, -1, 2]),
    extra: { nan: new Float64Array([1, 1, 1, 1, 0]) },
  });
  expect(answersOf(odd).extra).not.toHaveProperty('infinite');
});

test('an answer of infinity is marked, a class ruled out by -infinity is not', () => {
  expect(answersOf(scores([1, inf, 2], [3, -inf, 2])).extra).toEqual({ infinite: new Float64Array([1, 0]) });
  expect(answersOf(scores([3, -inf, 2]))).not.toHaveProperty('extra');
});
