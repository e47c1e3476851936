import { describe, expect, test } from 'vitest';
import { attributes, cells, numbers, parsed, texts } from '../../../test/report/dom.ts';
import type { ComparisonResult } from '../../arena/index.ts';
import { comparisonTable } from './comparisons.ts';

const compared = (low: number, value: number, high: number): ComparisonResult => ({
  title: 'One is stronger',
  above: ['a1', 'a2'],
  below: ['b1', 'b2'],
  on: ['d1', 'd2'],
  aboveScore: 0.5 + value,
  belowScore: 0.5,
  difference: { value, low, high },
});
const table = (...of: ComparisonResult[]) => parsed(comparisonTable(of));

describe('comparisons', () => {
  test('tell either side, the difference of the first from the second, and what it allows to say', () => {
    const found = table(
      compared(0.05, 0.1, 0.15),
      compared(-0.15, -0.1, -0.05),
      compared(-0.05, 0.02, 0.08),
      compared(0, 0.05, 0.1),
      compared(-0.1, -0.05, 0),
    );
    expect(cells(found).map((row) => [row[1], row[2], row[3], row[5]])).toEqual([
      ['60.0 %', '50.0 %', '+10.0 (+5.0 to +15.0)', 'stronger'],
      ['40.0 %', '50.0 %', '−10.0 (−15.0 to −5.0)', 'weaker'],
      ['52.0 %', '50.0 %', '+2.0 (−5.0 to +8.0)', 'not decided'],
      ['55.0 %', '50.0 %', '+5.0 (0.0 to +10.0)', 'not decided'],
      ['45.0 %', '50.0 %', '−5.0 (−10.0 to 0.0)', 'not decided'],
    ]);
    expect(texts(found, 'tbody th .sides')[0]).toBe('a1, a2 against b1, b2 on d1, d2');
    expect(texts(found, 'thead th')).toEqual([
      'Claim',
      'First',
      'Second',
      'Difference, points',
      'as a line',
      'First is',
    ]);
  });

  test('are drawn on one scale, to the next ten points beyond the widest end', () => {
    const found = table(compared(0.05, 0.1, 0.15), compared(-0.31, -0.3, -0.2));
    expect(texts(found, 'caption .n')).toEqual(['−40', '+40']);
    // 210 px for 80 points, 0 in the middle of 220.
    expect(numbers(found, '.zero', 'x1')).toEqual([[110], [110]]);
    const x = (points: number): number => Number((110 + (points * 210) / 80).toFixed(1));
    expect(numbers(found, '.range', 'x1', 'x2')).toEqual([
      [x(5), x(15)],
      [x(-31), x(-20)],
    ]);
    expect(numbers(found, '.dot', 'cx')).toEqual([[x(10)], [x(-30)]]);
    expect(attributes(found, 'svg', 'class')).toEqual(['bar wide', 'bar wide']);
  });

  test('reach to ten points at least, and not beyond a whole ten', () => {
    const ends = (...of: ComparisonResult[]): string | undefined => texts(table(...of), 'caption .n')[1];
    expect(ends(compared(-0.001, 0, 0.001))).toBe('+10');
    expect(ends(compared(0, 0, 0))).toBe('+10');
    expect(ends(compared(0.1, 0.15, 0.2))).toBe('+20');
    expect(ends(compared(-0.2, -0.15, -0.1))).toBe('+20');
    expect(ends(compared(0.9, 0.95, 1))).toBe('+100');
  });
});
