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
  const answers = answersOf(samples);
  const right = answers.filter((a) => a.right).length;
  const absent = samples.length - answers.length;
  return plotFigure(
    'Margin of the logits on the adversarial images: largest minus second, counted negative where the answer is not the true class',
    `Histogram of ${answers.length} margins: ${right} answers right, ${answers.length - right} wrong${absent > 0 ? `, ${absent} images without an answer or a finite margin` : ''}.`,
    marginSvg(samples),
  );
}

/** An image that the model declines, or of which it gives no logits or an infinite one, has no place. */
function answersOf(samples: readonly SampleResult[]): Answer[] {
  return samples
    .filter((s) => s.adversarial >= 0 && Number.isFinite(s.margin))
    .map((s) => {
      const right = s.adversarial === s.label;
      return { margin: right ? s.margin : -s.margin, right };
    });
}

/** The drawing alone. */
export function marginSvg(samples: readonly SampleResult[]): string {
  const answers = answersOf(samples);
  const widest = Math.max(1e-6, ...answers.map((a) => Math.abs(a.margin)));
  // The last bin holds what is below its end: the widest margin lies just inside.
  const edge = widest * (1 + 1e-6);
  return drawPlot({
    width: 340,
    height: 220,
    marginLeft: 44,
    marginBottom: 36,
    x: { label: 'margin', labelAnchor: 'center', labelArrow: 'none', domain: [-widest, widest], nice: true },
    y: {
      label: 'images',
      labelArrow: 'none',
      grid: true,
      tickFormat: (images: number) => (Number.isInteger(images) ? String(images) : ''),
      ticks: 4,
    },
    marks: [
      Plot.rectY(
        answers,
        Plot.binX<Plot.RectYOptions>(
          { y: 'count' },
          {
            x: { value: 'margin', domain: [-edge, edge], thresholds: thresholdsOf(edge) },
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

/** An even number of bins over a symmetric range: none spans 0. */
function thresholdsOf(widest: number): number[] {
  const half = 12;
  return Array.from({ length: 2 * half + 1 }, (_, i) => ((i - half) / half) * widest);
}
