import { expect, test } from 'vitest';
import { fromBrain, fromHalf, toBrain, toHalf } from './half.ts';
import { numbers, scalar } from './tensor.ts';

test('every half is its own nearest half', () => {
  for (let bits = 0; bits < 0x10000; bits++) {
    const value = fromHalf(bits);
    expect(Number.isNaN(value) ? bits : toHalf(value)).toBe(bits);
  }
  expect(fromHalf(toHalf(Number.NaN))).toBeNaN();
});

test('rounds to the nearest half, ties to even', () => {
  expect(
    [1, 1 + 2 ** -11, 1 + 3 * 2 ** -11, 2047.5, 65519, 65520, 2 ** -25, 3 * 2 ** -25].map(toHalf),
  ).toEqual([0x3c00, 0x3c00, 0x3c02, 0x67ff + 1, 0x7bff, 0x7c00, 0, 2]);
  expect(fromHalf(0x3555)).toBeCloseTo(1 / 3, 3);
});

test('bfloat16 is the upper half of a float32, rounded to even', () => {
  expect([1, -2, 1 + 2 ** -8, 1 + 3 * 2 ** -8].map(toBrain)).toEqual([0x3f80, 0xc000, 0x3f80, 0x3f82]);
  expect(fromBrain(0x4049)).toBe(3.140625);
});

test('a scalar of 16 bits holds the number, not its integer part as bits', () => {
  expect(scalar(1, 'float16').data[0]).toBe(0x3c00);
  expect(numbers(scalar(-0.5, 'float16'))).toEqual([-0.5]);
  expect(numbers(scalar(0.25, 'bfloat16'))).toEqual([0.25]);
});
