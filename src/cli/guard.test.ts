import { expect, test } from 'vitest';
import { harmless } from './guard.ts';

const colour = '\u001B[1;31mred\u001B[39m';
const move = '\u001B[2K\u001B[1A\u001B[G';

test.for([
  ['lines\n\tand tabs, é 层', 'lines\n\tand tabs, é 层'],
  [colour, colour],
  ['\u001B[2Jgone', '\\u001b[2Jgone'],
  ['\u009B31m \u0007\r\u0000\u007F', '\\u009b31m \\u0007\\u000d\\u0000\\u007f'],
  ['\u001B]0;title\u0007', '\\u001b]0;title\\u0007'],
  ['\u202Etxt.\u2028', '\\u202etxt.\\u2028'],
  [move, '\\u001b[2K\\u001b[1A\\u001b[G'],
])('%j', ([text, expected]) => {
  expect(harmless(text as string, false)).toBe(expected);
});

test('lines of progress are moved about on a live stream, and nothing else', () => {
  expect(harmless(move + colour, true)).toBe(move + colour);
  expect(harmless('\u001B[3J\u001Bc\u001B[6n', true)).toBe('\u001B[3J\\u001bc\\u001b[6n');
});

test('JSON says the same', () => {
  const value = { name: '\u009B1A\u001B[2J\u007F' };
  const text = JSON.stringify(value);
  expect(harmless(text, false)).not.toMatch(/[\u0080-\u009F]/);
  expect(JSON.parse(harmless(text, false))).toEqual(value);
});
