import { expect, test } from 'vitest';
import { cutText } from './cut-text.ts';

test('a text that fits stays, a longer one ends in an ellipsis within the length', () => {
  expect(['', 'abc', 'abcd', 'abcde', 'abcdef'].map((text) => cutText(text, 4))).toEqual([
    '',
    'abc',
    'abcd',
    'abc…',
    'abc…',
  ]);
});

test('a sign of two units is kept whole or left out', () => {
  expect(cutText('ab🙂', 4)).toBe('ab🙂');
  expect(cutText('ab🙂c', 4)).toBe('ab…');
  expect(cutText('a🙂bc', 4)).toBe('a🙂…');
});
