import { type DecodedImage, encodePng } from '../data/index.ts';
import type { AttackResult, SampleResult } from '../judge/index.ts';
import { channelsLast, epsilonText, rows, type Tensor, wilson } from '../tensor/index.ts';
import { attackFigures, attackSpread } from './attack-table.ts';
import { counted, normNames } from './format.ts';
import { figure } from './html/boards.ts';
import { flagList } from './html/details.ts';
import { type Picture, triple } from './html/examples.ts';
import { marginHistogram } from './html/histogram.ts';
import { html, type Markup } from './html/markup.ts';
import { facts, page, scroll } from './html/page.ts';

/** Examples shown at most. */
const shownExamples = 12;
/** Images listed at most: beyond that a page is no place for them. */
const listedSamples = 1000;

/** What was attacked and what came of it: uint8 [N, C, H, W], grey or RGB, one row per sample of the result. */
export interface AttackImages {
  clean: Tensor<'uint8'>;
  adversarial: Tensor<'uint8'>;
}

/**
 * A single attack as one HTML file that fetches nothing. The same result gives the same text.
 * @throws RangeError if there is not one image per sample
 */
export async function attackHtml(result: AttackResult, images: AttackImages): Promise<string> {
  const { samples } = result;
  for (const side of ['clean', 'adversarial'] as const)
    if (images[side].shape[0] !== samples.length)
      throw new RangeError(`${images[side].shape[0]} ${side} images for ${samples.length} samples`);
  const chosen = chooseExamples(samples);
  const cards: Markup[] = [];
  for (const i of chosen) cards.push(await card(samples[i] as SampleResult, i, images));
  return page(
    `${result.attack} against ${result.model} – advarena`,
    html`${heading(result)}
${samples.length > 0 && html`<h2>How the images lie</h2>\n<div class="plots">${marginHistogram(samples)}${spreadTable(result)}</div>`}
${
  cards.length > 0 &&
  html`<h2>Examples</h2>
<p class="soft small">${cards.length} of ${counted(samples.length, 'image')}, the first that the attack won, then the first that it did not.</p>
<div class="examples">${cards}</div>`
}
<h2>Images</h2>
${sampleTable(samples)}`,
  );
}

function heading(result: AttackResult): Markup {
  const total = result.samples.length;
  const options = Object.entries(result.options);
  const share = (title: string, value: number, note: string): Markup =>
    html`<div class="card"><p class="soft small">${title}</p><p class="figure n">${figure(wilson(Math.round(value * total), total))}</p><p class="soft small">${note}</p></div>`;
  return html`<header><p class="kicker">advarena attack</p>
<h1>${result.attack} against ${result.model}</h1>
<p class="lead">${counted(total, 'image')}, ${result.goal}, ${normNames[result.norm]} ≤ ${epsilonText(result.norm, result.epsilon)}, ${result.pixels} pixels.</p></header>
<div class="cards">${share('Clean accuracy', result.cleanAccuracy, 'of all images, before the attack')}${share(
    'Robust accuracy',
    result.robustAccuracy,
    'of all images, right before and after',
  )}</div>
${result.flags.length > 0 && html`<div class="note" role="note">${flagList(result.flags)}</div>`}
${facts([
  ...attackFigures(result).map(({ name, text }) => [capital(name), text] as const),
  ...(options.length === 0
    ? []
    : [
        [
          'Options',
          options.map(
            ([name, value], i) => html`${i > 0 && ', '}<code>${name} ${JSON.stringify(value)}</code>`,
          ),
        ] as const,
      ]),
])}
<p class="soft small">Intervals are 95&nbsp;% score intervals of a share (Wilson).</p>`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function spreadTable(result: AttackResult): Markup {
  return scroll(
    'Per image',
    html`<table><caption><span>Over all images</span></caption><thead><tr><th scope="col">Per image</th><th class="right" scope="col">Smallest</th><th class="right" scope="col">Median</th><th class="right" scope="col">Largest</th></tr></thead><tbody>${attackSpread(
      result,
    ).map(
      ({ name, values }) =>
        html`<tr><th scope="row">${capital(name)}</th>${values.map((v) => html`<td class="right">${v}</td>`)}</tr>`,
    )}</tbody></table>`,
  );
}

/** Positions of the first images won, filled up with the first others. */
function chooseExamples(samples: readonly SampleResult[]): number[] {
  const positions = samples.map((_, i) => i);
  const won = positions.filter((i) => samples[i]?.success === true);
  const lost = positions.filter((i) => samples[i]?.success !== true);
  return [...won, ...lost].slice(0, shownExamples);
}

async function card(sample: SampleResult, row: number, images: AttackImages): Promise<Markup> {
  const clean = await pictureOfRow(images.clean, row);
  const adversarial = await pictureOfRow(images.adversarial, row);
  const mark = (answer: number): string =>
    answer === sample.label ? '✓' : answer === sample.target ? '◎' : '✗';
  const pictures = await triple(sample.id, clean, adversarial, {
    clean: `answer ${sample.clean} ${mark(sample.clean)}`,
    adversarial: `answer ${sample.adversarial} ${mark(sample.adversarial)}`,
  });
  return html`<article class="example"><header><h4><code>${sample.id}</code></h4><p class="soft small">true class ${sample.label}${
    sample.target !== undefined && `, target ${sample.target}`
  }: ${sample.success ? 'the attack won' : 'the attack did not win'}</p></header>${pictures}</article>`;
}

async function pictureOfRow(images: Tensor<'uint8'>, row: number): Promise<Picture> {
  const [, channels = 0, height = 0, width = 0] = images.shape;
  const data = channelsLast(rows(images, row, row + 1).data, channels);
  const image: DecodedImage = { height, width, channels, data };
  return { image, png: await encodePng(image) };
}

function sampleTable(samples: readonly SampleResult[]): Markup {
  const targeted = samples.some((s) => s.target !== undefined);
  const listed = samples.slice(0, listedSamples);
  const note =
    listed.length < samples.length ? `The first ${listed.length} of ${samples.length} images. ` : '';
  return html`<div class="scroll tall" role="region" aria-label="Images" tabindex="0"><table><caption><span>${note}Classes as in the labels given; margin: largest minus second logit on the adversarial image.</span></caption>
<thead><tr><th scope="col">Image</th><th class="right" scope="col">True</th>${targeted && html`<th class="right" scope="col">Target</th>`}<th class="right" scope="col">Clean answer</th><th class="right" scope="col">Adversarial answer</th><th scope="col">Attack</th><th class="right" scope="col">Margin</th><th class="right" scope="col">L∞ · 255</th><th class="right" scope="col">L2</th><th class="right" scope="col">Queries</th></tr></thead>
<tbody>${listed.map(
    (s) =>
      html`<tr><th scope="row"><code>${s.id}</code></th><td class="right">${s.label}</td>${targeted && html`<td class="right">${s.target}</td>`}<td class="right">${s.clean}</td><td class="right">${s.adversarial}</td><td class="${s.success ? 'wrong-answer' : 'right-answer'}">${s.success ? 'won' : 'held'}</td><td class="right">${s.margin.toFixed(2)}</td><td class="right">${(s.linf * 255).toFixed(1)}</td><td class="right">${s.l2.toFixed(3)}</td><td class="right">${s.queries}</td></tr>\n`,
  )}</tbody></table></div>`;
}
