import { describe, expect, test } from 'vitest';
import type { LimitSpec, Pixels } from '../tensor/index.ts';
import {
  chanceFlags,
  gradientFlags,
  levelFlags,
  outsideFlags,
  scoreFlags,
  shiftFlags,
} from './suspicions.ts';

describe('radii beside the 8-bit levels', () => {
  const said = (norm: LimitSpec['norm'], epsilon: LimitSpec['epsilon'], pixels: Pixels = '8-bit'): string[] =>
    levelFlags({ norm, epsilon }, pixels).map((f) => `${f.code} ${f.message}`);

  test('are told with what is really judged', () => {
    expect(said('linf', 0.031)).toEqual([
      'EPSILON_LEVELS The radius 0.031 is between 8-bit levels: images lie within 7/255.',
    ]);
    for (const norm of ['linf', 'l2', 'l1'] as const)
      expect(said(norm, 1 / 256)).toEqual([
        'EPSILON_LEVELS The radius 0.003906 is less than one 8-bit level: no image but the clean one lies within.',
      ]);
  });

  test('are none where all of it is judged', () => {
    for (const levels of [1, 2, 8, 16, 255]) expect(said('linf', levels / 255)).toEqual([]);
    expect(said('linf', 0.031, 'float32')).toEqual([]);
    expect(said('linf', 1 / 256, 'float32')).toEqual([]);
    expect(said('linf', 'free')).toEqual([]);
    expect(said('l2', 0.5)).toEqual([]);
    expect(said('l1', 1 / 255)).toEqual([]);
    expect(said('l0', 1)).toEqual([]);
  });
});

test('what does not occur is not told', () => {
  expect(gradientFlags('net', { zero: 0, notFinite: 0 }, 5)).toEqual([]);
  expect(scoreFlags('net', { nan: 0, infinite: 0 }, 5)).toEqual([]);
  expect(outsideFlags(0)).toEqual([]);
  expect(gradientFlags('net', { zero: 1, notFinite: 2 }, 5).map((f) => f.code)).toEqual([
    'ZERO_GRADIENT',
    'GRADIENT_NOT_FINITE',
  ]);
  const odd = { nan: 2, infinite: 1 };
  expect(
    [...scoreFlags('net', odd, 5), ...scoreFlags('net', odd)].map((f) => f.message.slice(0, 44)),
  ).toEqual([
    'net answered 2 of 5 images with scores that ',
    'net answered 1 of 5 images with a score of i',
    'net answered some images with scores that ar',
    'net answered some images with a score of inf',
  ]);
});

test('clean accuracy of guessing is told, of more than a handful of images', () => {
  const told = (
    right: number,
    of: number,
    classes: number,
    given: { labels?: number[]; always?: number } = {},
  ) => {
    const { labels = Array.from({ length: of }, (_, i) => i % classes), always } = given;
    const answers = labels.map((l, i) => always ?? (i < right ? l : (l + 1) % classes));
    return chanceFlags({ name: 'net', classes }, { right, answered: of, labels, answers }).length;
  };
  expect([told(0, 20, 1000), told(2, 20, 10), told(0, 10, 2), told(11, 20, 2)]).toEqual([1, 1, 1, 1]);
  expect([told(6, 20, 10), told(5, 20, 1000), told(0, 9, 1000), told(16, 20, 2)]).toEqual([0, 0, 0, 0]);
  // Always one class: more than one of ten. As often right by many, it is no guess.
  const labels = Array.from({ length: 1000 }, (_, i) => (i < 100 ? 3 : i % 10));
  const commonest = labels.filter((label) => label === 3).length;
  expect([commonest, told(commonest, 1000, 10, { labels, always: 3 })]).toEqual([190, 1]);
  expect(told(commonest, 1000, 10, { labels })).toBe(0);
  // Images of one class tell nothing of always saying it.
  const alike = Array.from({ length: 16 }, () => 3);
  const seldom = [16, 15, 2].map((right) => told(right, 16, 10, { labels: alike }));
  expect(seldom).toEqual([0, 0, 1]);
  expect(told(16, 16, 10, { labels: alike.with(0, 4) })).toBe(0);
});

test('labels that start elsewhere are told', () => {
  const told = (answers: number[], labels: number[]): string[] =>
    shiftFlags({ name: 'net' }, answers, labels).map((f) => f.message.slice(0, 70));
  const labels = Array.from({ length: 20 }, (_, i) => i % 5);
  const by = (shift: number, share = 1): number[] =>
    labels.map((label, i) => (i < 20 * share ? label + shift : label));
  expect(told(by(1), labels)).toEqual([
    'net answers 20 of 20 clean images with the class above their label, an',
  ]);
  expect(told(by(-1), labels)).toEqual([
    'net answers 16 of 20 clean images with the class below their label, an',
  ]);
  // Right and beside in equal parts, a few only, of one class only, and honest.
  expect([
    told(by(1, 0.5), labels),
    told(by(1).slice(0, 9), labels.slice(0, 9)),
    told(
      labels.map(() => 3),
      labels.map(() => 2),
    ),
    told(labels, labels),
  ]).toEqual([[], [], [], []]);
  // Of two classes only, and of three.
  const classes = (count: number) => labels.map((_, i) => i % count);
  const above = (of: number[]): string[] =>
    told(
      of.map((l) => l + 1),
      of,
    );
  expect([above(classes(2)), above(classes(3)).length]).toEqual([[], 1]);
  // Many beside and none right, but far from all: 13 of 50.
  const many = Array.from({ length: 50 }, (_, i) => i % 10);
  const someBelow = (count: number): string[] =>
    told(
      many.map((l, i) => (i < count ? l - 1 : (l + 5) % 10)),
      many,
    );
  expect([someBelow(14), someBelow(24), someBelow(40).length]).toEqual([[], [], 1]);
  // An abstention is the class below 0 of nobody.
  expect(
    told(
      labels.map(() => -1),
      labels.map((l) => l % 3),
    ),
  ).toEqual([]);
});

test('guessing is what the interval reaches down to, of ten images or more', () => {
  const told = (right: number, of: number, classes: number): number => {
    const labels = Array.from({ length: of }, (_, i) => i % classes);
    const answers = labels.map((label, i) => (i < right ? label : (label + 1) % classes));
    return chanceFlags({ name: 'net', classes }, { right, answered: of, labels, answers }).length;
  };
  // The intervals begin at 0.49 and 0.60, at 0.06 and 0.11.
  expect([told(8, 10, 2), told(9, 10, 2), told(2, 10, 10), told(3, 10, 10)]).toEqual([1, 0, 1, 0]);
  expect([told(0, 9, 2), told(0, 10, 2)]).toEqual([0, 1]);
});

test('labels that start elsewhere are told from 1 in 1000 on, and of three classes', () => {
  const told = (right: number, beside: number, classes: number): number => {
    const labels = Array.from({ length: right + beside }, (_, i) => i % classes);
    const answers = labels.map((label, i) => (i < right ? label : label + 1));
    return shiftFlags({ name: 'net' }, answers, labels).length;
  };
  // Of ten alike one in 1024, of nine one in 512.
  expect([told(0, 10, 5), told(0, 9, 5)]).toEqual([1, 0]);
  expect([told(0, 20, 3), told(0, 20, 2)]).toEqual([1, 0]);
  // 14 of 15: 16 in 32768; 13 of 14: 15 in 16384; 15 of 17: 154 in 131072.
  expect([told(1, 14, 5), told(1, 13, 5), told(2, 15, 5)]).toEqual([1, 1, 0]);
});

test('a radius of one level is one, and a thousandth of a level is none', () => {
  const told = (levels: number): number =>
    levelFlags({ norm: 'linf', epsilon: levels / 255 }, '8-bit').length;
  expect([0.999, 1, 1.0005, 1.002, 7.9985, 8].map(told)).toEqual([1, 0, 0, 1, 1, 0]);
});
