import type { Estimate } from '../../tensor/index.ts';
import { html, type Markup } from './markup.ts';

const height = 16;
const margin = 5;

/**
 * A figure as a dot on a line with its interval, to be read beside the number.
 * @param domain what the ends of the line stand for; a dashed mark stands at 0 where it lies inside
 */
export function intervalBar(
  { value, low, high }: Estimate,
  { domain, wide = false }: { domain: readonly [number, number]; wide?: boolean },
): Markup {
  const width = wide ? 220 : 110;
  const [from, to] = domain;
  const x = (v: number): string => {
    const share = Math.min(1, Math.max(0, (v - from) / (to - from)));
    return (margin + share * (width - 2 * margin)).toFixed(1);
  };
  const middle = height / 2;
  return html`<svg class="bar${wide && ' wide'}" viewBox="0 0 ${width} ${height}" aria-hidden="true"><line class="track" x1="${margin}" x2="${width - margin}" y1="${middle}" y2="${middle}"/>${
    from < 0 && to > 0 && html`<line class="zero" x1="${x(0)}" x2="${x(0)}" y1="1" y2="${height - 1}"/>`
  }<line class="range" x1="${x(low)}" x2="${x(high)}" y1="${middle}" y2="${middle}"/><circle class="dot" cx="${x(value)}" cy="${middle}" r="4"/></svg>`;
}
