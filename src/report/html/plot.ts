import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { html, type Markup, trusted } from './markup.ts';

/**
 * A plot as SVG text, drawn without a browser. Colours are the page's (`var(--accent)`), so that one drawing serves
 * light and dark; the class name is fixed, so that the same data gives the same text.
 */
export function drawPlot(options: Plot.PlotOptions): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const drawn = Plot.plot({
    ...options,
    document,
    className: 'plot',
    style: { fontFamily: 'inherit', fontSize: '11px', background: 'none' },
  });
  return drawn.outerHTML;
}

/** A plot with its caption above and its words for who cannot see it. */
export function plotFigure(caption: string, description: string, svg: string): Markup {
  return html`<figure><figcaption>${caption}</figcaption><div role="img" aria-label="${description}">${trusted(svg)}</div></figure>`;
}
