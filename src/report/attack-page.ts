import type { NetworkHashes } from '../arena/index.ts';
import type { AttackResult } from '../judge/index.ts';
import { epsilonText } from '../tensor/index.ts';
import { attackFigures, attackSpread, curvePoints, shareOf, success } from './attack-figures.ts';
import { accessFacts, regionText, taskText } from './attack-words.ts';
import type { ClassNames } from './class-text.ts';
import { counted, normNames, percent } from './format.ts';
import { figure } from './html/boards.ts';
import { accuracyCurve } from './html/curve.ts';
import { flagList } from './html/details.ts';
import { marginHistogram } from './html/histogram.ts';
import { html, type Markup } from './html/markup.ts';
import { facts, page, scroll } from './html/page.ts';
import { type AttackImages, sampleCards, sampleTable } from './html/samples.ts';

/** What an attack did, with the names of the classes where they are known. */
export interface NamedAttackResult extends AttackResult {
  classNames?: ClassNames;
  /** SHA-256 of the files of the model, and of the sources in their order. */
  files?: readonly NetworkHashes[];
  /** Whether the model was attacked before its final softmax. */
  logits?: boolean;
}

/** What an attack did within one radius, and the images. */
export interface AttackPart {
  result: NamedAttackResult;
  images: AttackImages;
}

/** The page of `attackHtml`. */
export async function attackPage(parts: readonly AttackPart[]): Promise<string> {
  const [first] = parts;
  if (first === undefined) throw new RangeError('no result to report');
  const { attack, model } = first.result;
  const bodies: Markup[] = [];
  for (const part of parts) bodies.push(await partBody(part, parts.length > 1));
  return page(
    `${attack} against ${model} – advarena`,
    html`<header><p class="kicker">advarena attack</p>
<h1>${attack} against ${model}</h1></header>
${parts.length > 1 && radiiTable(parts.map((p) => p.result))}
${bodies}`,
  );
}

function radiiTable(results: readonly AttackResult[]): Markup {
  const { name } = success(results[0] as AttackResult);
  return scroll(
    'Radii',
    html`<table class="compact"><caption><span>Robust accuracy by radius, with its 95&nbsp;% interval</span></caption><thead><tr><th scope="col">Radius</th><th class="right" scope="col">Clean accuracy</th><th class="right" scope="col">Robust accuracy</th><th class="right" scope="col">${capital(name)}</th></tr></thead><tbody>${results.map(
      (result) =>
        html`<tr><th scope="row">${boundText(result)}</th><td class="right">${percent(result.cleanAccuracy)}</td><td class="right">${figure(shareOf(result, result.robustAccuracy))}</td><td class="right">${success(result).share}</td></tr>`,
    )}</tbody></table>`,
  );
}

async function partBody({ result, images }: AttackPart, several: boolean): Promise<Markup> {
  const { samples, classNames, draws } = result;
  for (const side of ['clean', 'adversarial'] as const)
    if (images[side].shape[0] !== samples.length)
      throw new RangeError(`${images[side].shape[0]} ${side} images for ${samples.length} samples`);
  const cards = await sampleCards(samples, images, classNames);
  const head = (text: string): Markup => (several ? html`<h3>${text}</h3>` : html`<h2>${text}</h2>`);
  const points = several ? [] : curvePoints(result);
  return html`${several && html`<h2>${boundText(result)}</h2>`}
${heading(result)}
${points.length > 0 && html`${head('How far it had to go')}\n<div class="plots">${accuracyCurve(result)}${curveTable(result)}</div>`}
${samples.length > 0 && html`${head('How the images lie')}\n<div class="plots">${marginHistogram(samples)}${spreadTable(result)}</div>`}
${
  cards.length > 0 &&
  html`${head('Examples')}
<p class="soft small">${cards.length} of ${counted(samples.length, 'image')}, the first that the attack won, then the first that it did not.</p>
<div class="examples">${cards}</div>`
}
${head('Images')}
${sampleTable(samples, classNames, draws)}`;
}

function heading(result: NamedAttackResult): Markup {
  const total = result.samples.length;
  const options = Object.entries(result.options);
  const share = (title: string, value: number, note: string): Markup =>
    html`<div class="card"><p class="soft small">${title}</p><p class="figure n">${figure(shareOf(result, value))}</p><p class="soft small">${note}</p></div>`;
  return html`<p class="lead">${counted(total, 'image')}, ${taskText(result, boundText(result))}.</p>
<div class="cards">${share('Clean accuracy', result.cleanAccuracy, 'of all images, before the attack')}${share(
    'Robust accuracy',
    result.robustAccuracy,
    'of all images, right before and after',
  )}</div>
${result.flags.length > 0 && html`<div class="note" role="note">${flagList(result.flags)}</div>`}
${facts([
  ...[...attackFigures(result), ...accessFacts(result)].map(
    ({ name, text }) => [capital(name), text] as const,
  ),
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
  ['Seed', String(result.seed)],
  ...(result.logits === true ? [['Scores', 'logits before the final softmax or sigmoids'] as const] : []),
  ...(result.files ?? []).flatMap(({ onnx, sidecar }, i) => [
    [i === 0 ? 'Model file' : 'Source file', html`<code>${onnx}</code>`] as const,
    ['Its sidecar', sidecar === null ? 'none' : html`<code>${sidecar}</code>`] as const,
  ]),
  ['Images', html`<code>${result.data.images}</code>`] as const,
  ...(result.data.masks === undefined ? [] : [['Masks', html`<code>${result.data.masks}</code>`] as const]),
  ...Object.entries(result.versions),
])}
<p class="soft small">Intervals are 95&nbsp;% score intervals of a share (Wilson).</p>`;
}

/** `L∞ ≤ 8/255`, `smallest L2 change`, `any pixels within a mask`. */
function boundText({ norm, epsilon, region, curve }: AttackResult): string {
  // Its radius says what it counts.
  const name = normNames[norm === 'l0-entries' ? 'l0' : norm];
  const free = curve === undefined ? 'any pixels' : `smallest ${name} change`;
  const bound = epsilon === null ? free : `${name} ≤ ${epsilonText(norm, epsilon)}`;
  return region === undefined ? bound : `${bound} within ${regionText(region)}`;
}

function curveTable(result: AttackResult): Markup {
  const points = curvePoints(result);
  const all = result.curve?.length ?? 0;
  return scroll(
    'Curve',
    html`<table><caption><span>${points.length < all && `${points.length} of `}${all} radii</span></caption><thead><tr><th class="right" scope="col">Within</th><th class="right" scope="col">Robust accuracy</th></tr></thead><tbody>${points.map(
      (p) =>
        html`<tr><td class="right">${epsilonText(result.norm, p.epsilon)}</td><td class="right">${percent(p.robustAccuracy)}</td></tr>`,
    )}</tbody></table>`,
  );
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
