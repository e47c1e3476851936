import { describe, expect, test } from 'vitest';
import { attackResult } from '../../../test/report/attack-result.ts';
import { attributes, numbers, one, parsed, texts } from '../../../test/report/dom.ts';
import type { SampleResult } from '../../judge/index.ts';
import { marginHistogram, marginSvg } from './histogram.ts';

const [sample] = attackResult().samples as [SampleResult];
const answered = (margin: number, adversarial: number): SampleResult => ({
  ...sample,
  label: 1,
  adversarial,
  margin,
});
const right = (margin: number): SampleResult => answered(margin, 1);
const wrong = (margin: number): SampleResult => answered(margin, 0);

interface Bar {
  /** Both ends, in bins from 0. */
  from: number;
  to: number;
  count: number;
  fill: string;
}

/** The bars as they stand in the drawing, measured against its line at 0 and the highest bar. */
function bars(samples: readonly SampleResult[], { bin, most }: { bin: number; most: number }): Bar[] {
  const drawn = parsed(marginSvg(samples));
  const [[zero = Number.NaN] = []] = numbers(drawn, '[stroke-dasharray] line', 'x1');
  const sizes = numbers(drawn, '[aria-label="rect"] rect', 'x', 'width', 'height');
  const top = Math.max(...sizes.map(([, , height]) => height as number));
  const fills = attributes(drawn, '[aria-label="rect"] rect', 'fill');
  const bins = (px: number): number => Math.round((px - zero) / bin);
  return sizes
    .map(([x = 0, width = 0, height = 0], i) => ({
      from: bins(x - 0.5),
      to: bins(x + width + 0.5),
      count: (height / top) * most,
      fill: fills[i] ?? '',
    }))
    .toSorted((a, b) => a.from - b.from);
}

const accent = 'var(--accent)';
const warm = 'var(--warm)';
/** Of 276 px for 24 bins. */
const bin = 11.5;

describe('margins of the logits', () => {
  test('right answers stand right of 0, wrong ones left of it, as far as they were sure', () => {
    const samples = [right(0.05), right(0.06), right(0.35), right(1.2), wrong(0.05), wrong(0.35), wrong(1.2)];
    expect(bars(samples, { bin, most: 2 })).toEqual([
      { from: -12, to: -11, count: 1, fill: warm },
      { from: -4, to: -3, count: 1, fill: warm },
      { from: -1, to: 0, count: 1, fill: warm },
      { from: 0, to: 1, count: 2, fill: accent },
      { from: 3, to: 4, count: 1, fill: accent },
      { from: 11, to: 12, count: 1, fill: accent },
    ]);
  });

  test('a bin holds its lower border and not its upper one', () => {
    // 12 bins of 0.1 and a millionth of it.
    const border = 0.3 * (1 + 1e-6);
    expect(bars([right(border), right(border - 1e-9), right(1.2)], { bin, most: 1 })).toEqual([
      { from: 2, to: 3, count: 1, fill: accent },
      { from: 3, to: 4, count: 1, fill: accent },
      { from: 11, to: 12, count: 1, fill: accent },
    ]);
  });

  test('both kinds at 0 stand in its right bin', () => {
    const found = bars([right(0), wrong(0), wrong(1.2)], { bin, most: 1 });
    expect(found.map(({ from, fill }) => [from, fill])).toEqual([
      [-12, warm],
      [0, accent],
      [0, warm],
    ]);
  });

  test('the scale is as wide on both sides, whatever side is surer', () => {
    for (const [samples, ends] of [
      [
        [right(3), wrong(0.2)],
        [
          [-1, 0],
          [11, 12],
        ],
      ],
      [
        [right(0.2), wrong(3)],
        [
          [-12, -11],
          [0, 1],
        ],
      ],
    ] as const) {
      expect(numbers(parsed(marginSvg(samples)), '[stroke-dasharray] line', 'x1', 'x2')).toEqual([
        [182, 182],
      ]);
      expect(texts(parsed(marginSvg(samples)), '[aria-label="x-axis tick label"] text')).toEqual([
        '−2',
        '0',
        '2',
      ]);
      expect(bars(samples, { bin, most: 1 }).map(({ from, to }) => [from, to])).toEqual(ends);
    }
  });

  test('heights are told in whole images', () => {
    const drawn = parsed(marginSvg([right(1), wrong(1), wrong(1)]));
    const labels = texts(drawn, '[aria-label="y-axis tick label"] text').filter((t) => t !== '');
    expect(labels).toEqual(['0', '1', '2']);
    expect(texts(drawn, '[aria-label="y-axis label"], [aria-label="x-axis label"]')).toEqual([
      'images',
      'margin',
    ]);
  });

  test('what has no place is counted apart, and is not drawn', () => {
    const label = (samples: readonly SampleResult[]): string | null =>
      one(parsed(marginHistogram(samples)), '[role="img"]').getAttribute('aria-label');
    expect(label([right(1), right(2), wrong(1)])).toBe('Histogram of 3 margins: 2 answers right, 1 wrong.');
    const some = [right(1), wrong(2), answered(1, -1), right(Number.NaN)];
    expect(label(some)).toBe(
      'Histogram of 2 margins: 1 answers right, 1 wrong, 2 images without an answer or a finite margin.',
    );
    expect(bars(some, { bin, most: 1 })).toHaveLength(2);
    // A score of infinity has no place on a scale.
    const sure = [right(1), wrong(2), right(Number.POSITIVE_INFINITY)];
    expect(label(sure)).toMatch(/ of 2 margins: 1 answers right, 1 wrong, 1 images without/);
    expect(bars(sure, { bin, most: 1 })).toEqual(bars(sure.slice(0, 2), { bin, most: 1 }));
  });
});
