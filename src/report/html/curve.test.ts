import { describe, expect, test } from 'vitest';
import { attackResult } from '../../../test/report/attack-result.ts';
import { attributes, one, parsed, texts } from '../../../test/report/dom.ts';
import { accuracyCurve, curveSvg } from './curve.ts';

const curve = [
  { epsilon: 0, robustAccuracy: 0.9 },
  { epsilon: 1, robustAccuracy: 0.5 },
  { epsilon: 4, robustAccuracy: 0 },
];

/** Corners of the line in px. */
function corners(points: typeof curve): number[][] {
  const path = one(parsed(curveSvg(points, 'l2')), '[aria-label="line"] path').getAttribute('d') ?? '';
  return [...path.matchAll(/([\d.]+),([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
}

describe('robust accuracy by radius', () => {
  test('stays until the next radius, and falls there', () => {
    // 396 px for 0 to 4 from 44 on; 184 px for 100 % down from 20.
    const y = (share: number): number => 20 + 184 * (1 - share);
    const expected = [
      [44, y(0.9)],
      [143, y(0.9)],
      [143, y(0.5)],
      [440, y(0.5)],
      [440, y(0)],
    ];
    const found = corners(curve);
    expect(found).toHaveLength(expected.length);
    for (const [i, [px, py]] of expected.entries()) {
      expect(found[i]?.[0]).toBeCloseTo(px as number, 2);
      expect(found[i]?.[1]).toBeCloseTo(py as number, 2);
    }
  });

  test('is drawn from radius 0 on, over all of 0 to 100 %, whatever it covers', () => {
    const narrow = [
      { epsilon: 2, robustAccuracy: 0.6 },
      { epsilon: 4, robustAccuracy: 0.5 },
    ];
    const drawn = parsed(curveSvg(narrow, 'l2'));
    expect(corners(narrow)[0]?.[0]).toBeCloseTo(242, 2);
    expect(texts(drawn, '[aria-label="x-axis tick label"] text')[0]).toMatch(/^0(\.0)?$/);
    expect(texts(drawn, '[aria-label="y-axis tick label"] text')).toEqual([
      '0',
      '20',
      '40',
      '60',
      '80',
      '100',
    ]);
    expect(attributes(drawn, '[aria-label="line"]', 'stroke')).toEqual(['var(--accent)']);
  });

  test('says its norm, its ends and what it counts', () => {
    const figure = parsed(accuracyCurve({ ...attackResult(), norm: 'l1', curve }));
    expect(texts(figure, 'figcaption')).toEqual(['Robust accuracy within each radius, L1']);
    expect(attributes(figure, '[role="img"]', 'aria-label')).toEqual([
      'Curve of 3 radii, from 90.0 % to 0.0 %.',
    ]);
    expect(texts(figure, '[aria-label="y-axis label"], [aria-label="x-axis label"]')).toEqual([
      'robust accuracy, %',
      'radius, L1',
    ]);
  });
});
