import * as Plot from '@observablehq/plot';
import type { BoardRow } from '../../arena/index.ts';
import { cutText } from '../../tensor/index.ts';
import { percentInterval } from '../format.ts';
import type { Markup } from './markup.ts';
import { drawPlot, plotFigure } from './plot.ts';

const height = 240;
/** Least distance of two labels, as a share of the scale. */
const labelGap = 0.06;

/** Scores by rank: entries as dots with their intervals, baselines as dashed lines across. */
export function rankPlot(rows: readonly BoardRow[], title: string): Markup {
  const best = rows[0];
  const description = `${title}: ${rows.length} scores by rank${best === undefined ? '' : `, from ${best.name} with ${percentInterval(best.score)}`}.`;
  return plotFigure(`${title} by rank; dashed: baselines`, description, rankSvg(rows));
}

/** The drawing alone. */
export function rankSvg(rows: readonly BoardRow[]): string {
  const entries = rows.filter((r) => !r.baseline);
  const baselines = rows.filter((r) => r.baseline);
  const ranks = rows.map((r) => r.rank);
  const last = Math.max(1, ...ranks);
  const end = last + 0.5;
  const labels = spreadLabels(baselines.map((r) => ({ name: r.name, at: r.score.value })));
  const radius = rows.length > 40 ? 2.5 : 4;
  return drawPlot({
    width: 340,
    height,
    marginLeft: 44,
    marginRight: baselines.length === 0 ? 12 : 118,
    marginTop: 12,
    x: {
      domain: [0.5, end],
      label: 'rank',
      labelAnchor: 'center',
      labelArrow: 'none',
      ticks: last <= 10 ? ranks : 5,
      tickFormat: 'd',
    },
    y: {
      domain: [0, 1],
      label: null,
      tickFormat: (v: number) => `${Math.round(v * 100)} %`,
      ticks: 5,
      grid: true,
    },
    marks: [
      Plot.ruleY(baselines, {
        y: (r: BoardRow) => r.score.value,
        stroke: 'var(--soft)',
        strokeDasharray: '4 3',
      }),
      Plot.text(labels, {
        x: end,
        y: 'shown',
        text: (l: { name: string }) => cutText(l.name, 18),
        fill: 'var(--soft)',
        textAnchor: 'start',
        dx: 6,
      }),
      Plot.ruleX(entries, {
        x: 'rank',
        y1: (r: BoardRow) => r.score.low,
        y2: (r: BoardRow) => r.score.high,
        stroke: 'var(--accent)',
        strokeOpacity: 0.5,
        strokeWidth: 3,
      }),
      Plot.dot(rows, {
        x: 'rank',
        y: (r: BoardRow) => r.score.value,
        r: radius,
        fill: (r: BoardRow) => (r.baseline ? 'var(--page)' : 'var(--accent)'),
        stroke: (r: BoardRow) => (r.baseline ? 'var(--soft)' : 'var(--accent)'),
        title: (r: BoardRow) => `${r.rank}. ${r.name}: ${percentInterval(r.score)}`,
      }),
    ],
  });
}

/** Moves labels apart from the lowest up, then back below the top of the scale. */
function spreadLabels(labels: { name: string; at: number }[]): { name: string; shown: number }[] {
  const sorted = labels.toSorted((a, b) => a.at - b.at);
  const shown: number[] = [];
  for (const { at } of sorted) shown.push(Math.max(at, (shown.at(-1) ?? -1) + labelGap));
  for (let i = shown.length - 1; i >= 0; i--)
    shown[i] = Math.min(shown[i] as number, (shown[i + 1] ?? 1 + labelGap) - labelGap);
  return sorted.map(({ name }, i) => ({ name, shown: shown[i] as number }));
}
