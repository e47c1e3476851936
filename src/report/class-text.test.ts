import { expect, test } from 'vitest';
import { classText } from './class-text.ts';

test('a class is its number, with its name where it has another one', () => {
  const names = { 0: 'stop', 1: '1', 2: '' };
  expect([0, 1, 3].map((label) => classText(label, names))).toEqual(['0 stop', '1', '3']);
  expect([0, 3].map((label) => classText(label, undefined))).toEqual(['0', '3']);
});

test('who abstains has no class, 0 is one', () => {
  expect([classText(-1, { [-1]: 'nobody' }), classText(-1, undefined)]).toEqual(['abstains', 'abstains']);
});
