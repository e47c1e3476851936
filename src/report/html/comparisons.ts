import type { ComparisonResult } from '../../arena/index.ts';
import { percent, pointsInterval } from '../format.ts';
import { verdict } from '../reading.ts';
import { intervalBar } from './interval-bar.ts';
import { html, type Markup } from './markup.ts';
import { scroll } from './page.ts';

/** Paired comparisons: both sides, their difference, and its interval on one common scale. */
export function comparisonTable(comparisons: readonly ComparisonResult[]): Markup {
  const widest = Math.max(
    ...comparisons.flatMap((c) => [Math.abs(c.difference.low), Math.abs(c.difference.high)]),
  );
  const end = Math.max(0.1, Math.ceil(widest * 10) / 10);
  const ends = Math.round(end * 100);
  return scroll(
    'Comparisons',
    html`<table class="comparisons"><caption><span>Mean success of either side, and their difference over the same images with its paired 95&nbsp;% interval. Lines run from <span class="n">−${ends}</span> to <span class="n">+${ends}</span> points, the dashed mark is 0.</span></caption>
<thead><tr><th scope="col">Claim</th><th class="right" scope="col">First</th><th class="right" scope="col">Second</th><th class="right" scope="col">Difference, points</th><th scope="col"><span class="hidden">as a line</span></th><th scope="col">First is</th></tr></thead>
<tbody>${comparisons.map(
      (c) =>
        html`<tr><th scope="row">${c.title}<div class="soft small sides">${c.above.join(', ')} <em>against</em> ${c.below.join(', ')} <em>on</em> ${c.on.join(', ')}</div></th><td class="right">${percent(c.aboveScore)}</td><td class="right">${percent(c.belowScore)}</td><td class="right">${pointsInterval(c.difference)}</td><td>${intervalBar(
          c.difference,
          { domain: [-end, end], wide: true },
        )}</td><td class="n">${verdict(c.difference)}</td></tr>\n`,
    )}</tbody></table>`,
  );
}
