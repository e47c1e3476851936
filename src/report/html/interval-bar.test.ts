import { expect, test } from 'vitest';
import { attributes, numbers, one, parsed } from '../../../test/report/dom.ts';
import { intervalBar } from './interval-bar.ts';

const share = { domain: [0, 1] } as const;
const bar = (low: number, value: number, high: number, options: Parameters<typeof intervalBar>[1] = share) =>
  parsed(intervalBar({ value, low, high }, options));

test('a line of 100 px stands for 0 to 1, the figure on it at its share', () => {
  // 5 px stay free at either end for the dot.
  for (const [value, x] of [
    [0, 5],
    [0.25, 30],
    [0.5, 55],
    [1, 105],
  ] as const)
    expect(numbers(bar(value, value, value), '.dot', 'cx', 'cy', 'r')).toEqual([[x, 8, 4]]);
  expect(numbers(bar(0, 0.5, 1), '.track', 'x1', 'x2', 'y1', 'y2')).toEqual([[5, 105, 8, 8]]);
  expect(one(bar(0, 0.5, 1), 'svg').getAttribute('viewBox')).toBe('0 0 110 16');
});

test('the interval reaches from its lower to its upper end', () => {
  expect(numbers(bar(0.1, 0.2, 0.6), '.range', 'x1', 'x2', 'y1', 'y2')).toEqual([[15, 65, 8, 8]]);
  expect(numbers(bar(0, 0, 1), '.range', 'x1', 'x2')).toEqual([[5, 105]]);
  expect(numbers(bar(0.4, 0.4, 0.4), '.range', 'x1', 'x2')).toEqual([[45, 45]]);
});

test('what lies beyond an end stands at it', () => {
  const far = bar(-3, 1.5, 9);
  expect(numbers(far, '.range', 'x1', 'x2')).toEqual([[5, 105]]);
  expect(numbers(far, '.dot', 'cx')).toEqual([[105]]);
});

test('a wide line is 220 px and names its class', () => {
  const wide = bar(-0.1, 0.1, 0.2, { domain: [-0.2, 0.2], wide: true });
  expect(one(wide, 'svg').getAttribute('viewBox')).toBe('0 0 220 16');
  expect(numbers(wide, '.track', 'x1', 'x2')).toEqual([[5, 215]]);
  expect(numbers(wide, '.range', 'x1', 'x2')).toEqual([[57.5, 215]]);
  expect(numbers(wide, '.dot', 'cx')).toEqual([[162.5]]);
  expect([attributes(wide, 'svg', 'class'), attributes(bar(0, 0, 0), 'svg', 'class')]).toEqual([
    ['bar wide'],
    ['bar'],
  ]);
});

test('0 is marked inside the line, and not where it is its end or outside it', () => {
  const zero = (from: number, to: number): number[][] =>
    numbers(bar(0, 0, 0, { domain: [from, to] }), '.zero', 'x1', 'x2', 'y1', 'y2');
  expect(zero(-1, 1)).toEqual([[55, 55, 1, 15]]);
  expect(zero(-1, 3)).toEqual([[30, 30, 1, 15]]);
  for (const [from, to] of [
    [0, 1],
    [-1, 0],
    [0.5, 1],
    [-1, -0.5],
  ] as const)
    expect(zero(from, to)).toEqual([]);
});
