import { describe, expect, test } from 'vitest';
import { attributes, numbers, parsed, texts } from '../../../test/report/dom.ts';
import type { BoardRow } from '../../arena/index.ts';
import { rankPlot, rankSvg } from './ranks.ts';

const row = (rank: number, value: number, more: Partial<BoardRow> = {}): BoardRow => ({
  rank,
  name: `n${rank}`,
  baseline: false,
  score: { value, low: value - 0.1, high: value + 0.05 },
  worst: { value, low: value, high: value, opponent: 'other' },
  perImageWorst: { value, low: value, high: value },
  coverage: 1,
  ...more,
});
const baseline = (rank: number, value: number, name = `b${rank}`): BoardRow =>
  row(rank, value, { name, baseline: true });

/** 198 px for 0 to 1, down from 12. */
const y = (value: number): number => 12 + 198 * (1 - value);
/** The middle of a rank: entries alone have 284 px from 44 on, with the names of baselines 178. */
const x = (rank: number, of: number, width = 284): number => 44 + (width * (rank - 0.5)) / of;

const dots = 'g[aria-label="dot"] circle';
/** Lines across are of baselines, upright ones are intervals. */
const across = 'g[aria-label="rule"][stroke-dasharray] line';
const upright = 'g[aria-label="rule"]:not([stroke-dasharray]) line';
const names = 'g[aria-label="text"] text';

function expectNear(found: number[][], expected: number[][]): void {
  expect(found.map((row) => row.map((v) => Number(v.toFixed(6))))).toEqual(
    expected.map((row) => row.map((v) => Number(v.toFixed(6)))),
  );
}

describe('scores by rank', () => {
  test('a dot at rank and score, a line from the lower to the upper end of its interval', () => {
    const drawn = parsed(rankSvg([row(1, 0.9), row(2, 0.5), row(3, 0.2)]));
    expectNear(numbers(drawn, dots, 'cx', 'cy', 'r'), [
      [x(1, 3), y(0.9), 4],
      [x(2, 3), y(0.5), 4],
      [x(3, 3), y(0.2), 4],
    ]);
    expectNear(numbers(drawn, upright, 'x1', 'y1', 'y2'), [
      [x(1, 3), y(0.8), y(0.95)],
      [x(2, 3), y(0.4), y(0.55)],
      [x(3, 3), y(0.1), y(0.25)],
    ]);
    expect(drawn.querySelectorAll(across).length).toBe(0);
    // Half clear, so that the dot is seen on it.
    expect(attributes(drawn, 'g[stroke-width="3"]', 'stroke-opacity')).toEqual(['0.5']);
    expect(texts(drawn, `${dots} title`)).toEqual([
      '1. n1: 90.0 % (80.0–95.0)',
      '2. n2: 50.0 % (40.0–55.0)',
      '3. n3: 20.0 % (10.0–25.0)',
    ]);
  });

  test('a baseline is a hollow dot and a line across with its name, without an interval', () => {
    const drawn = parsed(rankSvg([row(1, 0.9), baseline(2, 0.5)]));
    expectNear(numbers(drawn, across, 'y1', 'y2', 'x1', 'x2'), [[y(0.5), y(0.5), 44, 222]]);
    expectNear(numbers(drawn, upright, 'x1', 'y1'), [[x(1, 2, 178), y(0.8)]]);
    expect(attributes(drawn, dots, 'fill')).toEqual(['var(--accent)', 'var(--page)']);
    expect(attributes(drawn, dots, 'stroke')).toEqual(['var(--accent)', 'var(--soft)']);
    expect(texts(drawn, names)).toEqual(['b2']);
    expect(attributes(drawn, names, 'transform')).toEqual([`translate(222,${y(0.5)})`]);
  });

  test('more than 40 have smaller dots', () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => row(i + 1, 0.5));
    expect(new Set(numbers(parsed(rankSvg(many(40))), dots, 'r').flat())).toEqual(new Set([4]));
    expect(new Set(numbers(parsed(rankSvg(many(41))), dots, 'r').flat())).toEqual(new Set([2.5]));
  });

  test('up to ten ranks have a mark each, more of them round numbers', () => {
    const marks = (count: number): string[] =>
      texts(
        parsed(rankSvg(Array.from({ length: count }, (_, i) => row(i + 1, 0.5)))),
        '[aria-label="x-axis tick label"] text',
      );
    expect(marks(10)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10']);
    expect(marks(11)).toEqual(['2', '4', '6', '8', '10']);
  });

  test('entries of one rank stand one above the other', () => {
    const drawn = parsed(rankSvg([row(1, 0.6), row(1, 0.4), row(3, 0.2)]));
    expectNear(numbers(drawn, dots, 'cx'), [[x(1, 3)], [x(1, 3)], [x(3, 3)]]);
    expect(texts(drawn, '[aria-label="x-axis tick label"] text')).toEqual(['1', '1', '3']);
  });

  test('the scale is told in per cent', () => {
    expect(texts(parsed(rankSvg([row(1, 0.5)])), '[aria-label="y-axis tick label"] text')).toEqual([
      '0 %',
      '20 %',
      '40 %',
      '60 %',
      '80 %',
      '100 %',
    ]);
  });
});

describe('names of baselines', () => {
  /** Where names stand, as shares of the scale, the lowest first. */
  const heights = (...values: number[]): number[] => {
    const drawn = parsed(rankSvg(values.map((value, i) => baseline(i + 1, value))));
    return attributes(drawn, names, 'transform').map((t) => {
      const at = Number(/,([\d.-]+)\)/.exec(t)?.[1]);
      return Number((1 - (at - 12) / 198).toFixed(6));
    });
  };

  test('stand at their lines where there is room: at least 6 points apart', () => {
    expect(heights(0.5, 0.44, 0.2)).toEqual([0.2, 0.44, 0.5]);
    expect(heights(0)).toEqual([0]);
    expect(heights(1)).toEqual([1]);
  });

  test('are moved up from the lowest on where they are nearer', () => {
    expect(heights(0.42, 0.4, 0.4)).toEqual([0.4, 0.46, 0.52]);
  });

  test('stay below the top, and push those beneath them down', () => {
    expect(heights(1, 0.99, 0.98)).toEqual([0.88, 0.94, 1]);
    expect(heights(1, 0.97, 0.2)).toEqual([0.2, 0.94, 1]);
  });

  test('are cut to 18 signs', () => {
    const drawn = parsed(
      rankSvg([baseline(1, 0.9, 'a'.repeat(17) + 'b'), baseline(2, 0.5, 'a'.repeat(17) + 'bc')]),
    );
    expect(texts(drawn, names)).toEqual([`${'a'.repeat(17)}…`, `${'a'.repeat(17)}b`]);
    expect(texts(drawn, `${dots} title`)[1]).toMatch(/^2\. a{17}bc:/);
  });

  test('are cut between signs, not within one', () => {
    const drawn = parsed(rankSvg([baseline(1, 0.9, `${'a'.repeat(16)}🙂🙂`)]));
    expect(texts(drawn, names).join('')).not.toMatch(/\p{Surrogate}/u);
  });
});

test('its words name the first, and how many there are', () => {
  const words = (rows: BoardRow[]) => {
    const figure = parsed(rankPlot(rows, 'Defenses'));
    return [...texts(figure, 'figcaption'), ...attributes(figure, '[role="img"]', 'aria-label')];
  };
  expect(words([row(1, 0.9), baseline(2, 0.5)])).toEqual([
    'Defenses by rank; dashed: baselines',
    'Defenses: 2 scores by rank, from n1 with 90.0 % (80.0–95.0).',
  ]);
  expect(words([])[1]).toBe('Defenses: 0 scores by rank.');
});
