import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Study } from '../scripts/roadsigns-study/page.ts';
import { contactSheet } from '../scripts/roadsigns-study/sheet.ts';
import {
  confusedPairs,
  confusion,
  pairedDifference,
  pairsOf,
  perClass,
} from '../scripts/roadsigns-study/statistics.ts';
import { readText } from './sources.ts';

describe('confusion', () => {
  const table = confusion([0, 0, 0, 1, 1, 2, 2, 2], [0, 1, 1, 1, 0, 2, 0, 2], 3);

  test('rows are true classes, columns answers', () => {
    expect(table).toEqual([
      [1, 2, 0],
      [1, 1, 0],
      [1, 0, 2],
    ]);
    expect(perClass(table)).toEqual([
      { count: 3, right: 1 },
      { count: 2, right: 1 },
      { count: 3, right: 2 },
    ]);
  });

  test('pairs count mistakes either way, the most frequent first', () => {
    expect(confusedPairs(table)).toEqual([
      { classes: [0, 1], wrong: 3 },
      { classes: [0, 2], wrong: 1 },
    ]);
  });

  test('every mistake is in one pair', () => {
    const answered = fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { maxLength: 60 });
    fc.assert(
      fc.property(answered, (all) => {
        const [labels, answers] = [all.map(([label]) => label), all.map(([, answer]) => answer)];
        const wrong = confusedPairs(confusion(labels, answers, 5)).map((pair) => pair.wrong);
        const right = perClass(confusion(labels, answers, 5)).map((c) => c.right);
        expect([...wrong, ...right].reduce((a, b) => a + b, 0)).toBe(all.length);
      }),
    );
  });

  test('wrong arguments', () => {
    expect(() => confusion([0], [], 2)).toThrow(new RangeError('1 labels, but 0 answers'));
    expect(() => confusion([2], [0], 2)).toThrow(new RangeError('no class 2'));
    expect(() => confusion([0], [-1], 2)).toThrow(new RangeError('no class -1'));
  });
});

describe('paired differences', () => {
  const bits = (text: string): boolean[] => Array.from(text, (bit) => bit === '1');

  test('counts what is right under both, one and none', () => {
    expect(pairsOf(bits('1110001'), bits('1001011'))).toEqual({ both: 2, first: 2, second: 2, neither: 1 });
    expect(() => pairsOf(bits('1'), bits('11'))).toThrow(RangeError);
  });

  test('the interval of a known table', () => {
    // By hand: 12 - 2 = 10 of 100; middle 10/102; half 1.96/102 sqrt(2 + 12 + 1 - 100/102).
    const { value, low, high } = pairedDifference({ both: 80, first: 2, second: 12, neither: 6 });
    expect(value).toBe(10);
    expect([low, high]).toEqual([expect.closeTo(2.60917, 4), expect.closeTo(16.99867, 4)]);
  });

  test('no change: nothing lies in the middle of an interval that is not empty', () => {
    const { value, low, high } = pairedDifference({ both: 990, first: 0, second: 0, neither: 10 });
    expect(value).toBe(0);
    expect(low).toBeCloseTo(-high, 12);
    expect(high).toBeCloseTo((100 * 1.959964) / 1002, 5);
  });

  test('the other way round, the other sign', () => {
    const cell = fc.nat(500);
    fc.assert(
      fc.property(cell, cell, cell, cell, (both, first, second, neither) => {
        fc.pre(both + first + second + neither > 0);
        const there = pairedDifference({ both, first, second, neither });
        const back = pairedDifference({ both, first: second, second: first, neither });
        expect(there.low).toBeCloseTo(-back.high, 10);
        expect(there.high).toBeGreaterThan(there.low);
      }),
    );
  });
});

test('a contact sheet has its images in rows, larger, on white', () => {
  const image = (level: number) => Uint8Array.from({ length: 12 }, (_, i) => level + i);
  const sheet = contactSheet([image(0), image(20), image(40)], { side: 2, columns: 2, scale: 2, gap: 1 });
  expect([sheet.height, sheet.width, sheet.channels]).toEqual([9, 9, 3]);
  const at = (x: number, y: number) => [...sheet.data.subarray(3 * (y * 9 + x), 3 * (y * 9 + x) + 3)];
  expect(at(0, 0)).toEqual([0, 4, 8]);
  expect(at(1, 1)).toEqual([0, 4, 8]);
  expect(at(3, 2)).toEqual([3, 7, 11]);
  expect(at(4, 0)).toEqual([255, 255, 255]);
  expect(at(5, 0)).toEqual([20, 24, 28]);
  expect(at(0, 5)).toEqual([40, 44, 48]);
  expect(at(8, 8)).toEqual([255, 255, 255]);
});

test('what surrounds a sign gives its class away to within two points of chance', () => {
  const { hidden, images, confusion: answers } = JSON.parse(readText('docs/roadsigns.json')) as Study;
  expect(answers.length).toBe(16);
  expect(hidden.right / images.count).toBeLessThanOrEqual(1 / 16 + 0.02);
});
