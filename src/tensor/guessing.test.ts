import { expect, test } from 'vitest';
import { guessShare, mayBeGuessed } from './guessing.ts';

test('guessing is right as often as the commonest label, and as one of all classes', () => {
  expect(guessShare([0, 1, 2, 3], 4)).toBeCloseTo(1 / 4, 9);
  expect(guessShare([0, 1, 1, 3], 4)).toBeCloseTo(1 / 2, 9);
  expect(guessShare([5, 6, 7, 8], 2)).toBe(1 / 2);
});

test('guessing as often as was answered is right by chance', () => {
  const labels = [0, 0, 0, 1, 2, 3];
  expect(
    guessShare(
      labels,
      10,
      labels.map(() => 0),
    ),
  ).toBeCloseTo(1 / 2, 9);
  expect(guessShare(labels, 10, [0, 1, 2, 3, -1, -1])).toBeCloseTo(1 / 4, 9);
  expect(
    guessShare(
      labels,
      4,
      labels.map(() => 9),
    ),
  ).toBe(1 / 4);
});

test('what is right as often may be guessed, and a little more too', () => {
  expect([100, 126, 110, 0].map((right) => mayBeGuessed(right, 1000, 0.126))).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect([140, 150].map((right) => mayBeGuessed(right, 1000, 0.126))).toEqual([true, false]);
  expect([2, 4].map((right) => mayBeGuessed(right, 20, 0.001))).toEqual([false, false]);
});
