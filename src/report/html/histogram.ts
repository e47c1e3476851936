import * as Plot from '@observablehq/plot';
import type { SampleResult } from '../../judge/index.ts';
import type { Markup } from './markup.ts';
import { drawPlot, plotFigure } from './plot.ts';

interface Answer {
  /** Margin of the logits, negative where the answer is wrong. */
  margin: number;
  right: boolean;
}

/** How sure the model is of its answers to the adversarial images: wrong ones left of 0, right ones right of it. */
export function marginHistogram(samples: readonly SampleResult[]): Markup {
  const right = samples.filter((s) => s.adversarial === s.label).length;
  return plotFigure(
    'Margin of the logits on the adversarial images: largest minus second, counted negative where the answer is wrong',
    `Histogram of ${samples.length} margins: ${right} answers right, ${samples.length - right} wrong.`,
    marginSvg(samples),
  );
}

/** The drawing alone. */
export function marginSvg(samples: readonly SampleResult[]): string {
  const answers = samples.map((s): Answer => {
    const right = s.adversarial === s.label;
    return { margin: right ? s.margin : -s.margin, right };
  });
  const widest = Math.max(1e-6, ...answers.map((a) => Math.abs(a.margin)).filter(Number.isFinite));
  return drawPlot({
    width: 340,
    height: 220,
    marginLeft: 44,
    marginBottom: 36,
    x: { label: 'margin', labelAnchor: 'center', labelArrow: 'none', domain: [-widest, widest], nice: true },
    y: { label: 'images', labelArrow: 'none', grid: true, tickFormat: 'd', ticks: 4 },
    marks: [
      Plot.rectY(
        answers,
        Plot.binX<Plot.RectYOptions>(
          { y: 'count' },
          {
            x: 'margin',
            // An even number of bins over a symmetric range: none spans 0.
            thresholds: thresholdsOf(widest),
            fill: (a: Answer) => (a.right ? 'var(--accent)' : 'var(--warm)'),
            insetLeft: 0.5,
            insetRight: 0.5,
          },
        ),
      ),
      Plot.ruleX([0], { stroke: 'var(--soft)', strokeDasharray: '4 3' }),
      Plot.ruleY([0], { stroke: 'var(--soft)' }),
    ],
  });
}

function thresholdsOf(widest: number): number[] {
  const half = 12;
  return Array.from({ length: 2 * half + 1 }, (_, i) => ((i - half) / half) * widest);
}
