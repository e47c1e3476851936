import * as Plot from '@observablehq/plot';
import type { AttackResult, CurvePoint } from '../../judge/index.ts';
import { normNames, percent } from '../format.ts';
import type { Markup } from './markup.ts';
import { drawPlot, plotFigure } from './plot.ts';

/** Robust accuracy by radius: it falls at each distance at which an image was fooled, and is flat between. */
export function accuracyCurve({ curve = [], norm }: AttackResult): Markup {
  const last = curve.at(-1);
  return plotFigure(
    `Robust accuracy within each radius, ${normNames[norm]}`,
    `Curve of ${curve.length} radii, from ${percent(curve[0]?.robustAccuracy ?? 0)} to ${percent(last?.robustAccuracy ?? 0)}.`,
    curveSvg(curve, norm),
  );
}

/** The drawing alone. */
export function curveSvg(curve: readonly CurvePoint[], norm: AttackResult['norm']): string {
  return drawPlot({
    width: 460,
    height: 240,
    marginLeft: 44,
    marginBottom: 36,
    x: {
      label: `radius, ${normNames[norm]}`,
      labelAnchor: 'center',
      labelArrow: 'none',
      nice: true,
      zero: true,
    },
    y: { label: 'robust accuracy, %', labelArrow: 'none', grid: true, domain: [0, 100], ticks: 5 },
    marks: [
      Plot.ruleY([0], { stroke: 'var(--soft)' }),
      Plot.lineY(curve, {
        x: 'epsilon',
        y: (p: CurvePoint) => p.robustAccuracy * 100,
        curve: 'step-after',
        stroke: 'var(--accent)',
        strokeWidth: 2,
      }),
    ],
  });
}
