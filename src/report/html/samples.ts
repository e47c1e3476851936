import { type DecodedImage, encodePng } from '../../data/index.ts';
import type { SampleResult } from '../../judge/index.ts';
import { channelsLast, rows, type Tensor } from '../../tensor/index.ts';
import { questionsOf } from '../attack-figures.ts';
import { type ClassNames, classText } from '../class-text.ts';
import { type Picture, triple } from './examples.ts';
import { html, type Markup } from './markup.ts';

/** Examples shown at most. */
const shownExamples = 12;
/** Images listed at most: beyond that a page is no place for them. */
const listedSamples = 1000;

/** What was attacked and what came of it: uint8 [N, C, H, W], grey or RGB, one row per sample of the result. */
export interface AttackImages {
  clean: Tensor<'uint8'>;
  adversarial: Tensor<'uint8'>;
}

/** The first images that the attack won, then the first others: before, after and the change. */
export async function sampleCards(
  samples: readonly SampleResult[],
  images: AttackImages,
  classNames: ClassNames | undefined,
): Promise<Markup[]> {
  const cards: Markup[] = [];
  // One after the other: pictures are large, and nobody waits for the first of them.
  for (const i of chooseExamples(samples))
    cards.push(await card(samples[i] as SampleResult, { row: i, images, classNames }));
  return cards;
}

/** Positions of the first images won, filled up with the first others. */
function chooseExamples(samples: readonly SampleResult[]): number[] {
  const positions = samples.map((_, i) => i);
  const won = positions.filter((i) => samples[i]?.success === true);
  const lost = positions.filter((i) => samples[i]?.success !== true);
  return [...won, ...lost].slice(0, shownExamples);
}

async function card(
  sample: SampleResult,
  { row, images, classNames }: { row: number; images: AttackImages; classNames: ClassNames | undefined },
): Promise<Markup> {
  const named = (label: number): string => classText(label, classNames);
  const clean = await pictureOfRow(images.clean, row);
  const adversarial = await pictureOfRow(images.adversarial, row);
  // The target is none that a clean image could reach: there it is a wrong answer like others.
  const answer = (given: number, target?: number): string => {
    if (given < 0) return named(given);
    return `answer ${named(given)} ${given === sample.label ? '✓' : given === target ? '◎' : '✗'}`;
  };
  const pictures = await triple(sample.id, clean, adversarial, {
    clean: answer(sample.clean),
    adversarial: answer(sample.adversarial, sample.target),
  });
  return html`<article class="example"><header><h4><code>${sample.id}</code></h4><p class="soft small">true class ${named(sample.label)}${
    sample.target !== undefined && `, target ${named(sample.target)}`
  }: ${fateOf(sample).long}</p></header>${pictures}</article>`;
}

/** What came of an image: one that is not right when clean has not withstood anything. */
function fateOf({ success, clean, label }: SampleResult): { short: string; long: string } {
  if (success) return { short: 'won', long: 'the attack won' };
  if (clean < 0) return { short: 'no answer when clean', long: 'there was no answer to the clean image' };
  if (clean !== label) return { short: 'wrong when clean', long: 'the clean image was answered wrongly' };
  return { short: 'held', long: 'the attack did not win' };
}

async function pictureOfRow(images: Tensor<'uint8'>, row: number): Promise<Picture> {
  const [, channels = 0, height = 0, width = 0] = images.shape;
  const data = channelsLast(rows(images, row, row + 1).data, channels);
  const image: DecodedImage = { height, width, channels, data };
  return { image, png: await encodePng(image) };
}

/** A line for each image. */
export function sampleTable(
  samples: readonly SampleResult[],
  classNames: ClassNames | undefined,
  draws: number,
): Markup {
  const named = (label: number): string => classText(label, classNames);
  const targeted = samples.some((s) => s.target !== undefined);
  const listed = samples.slice(0, listedSamples);
  const note = [
    ...(listed.length < samples.length ? [`The first ${listed.length} of ${samples.length} images.`] : []),
    'Classes as in the labels given; margin: largest minus second logit on the adversarial image.',
    ...(draws > 1 ? [`Answers and margins are those of the first of ${draws} draws.`] : []),
  ].join(' ');
  return html`<div class="scroll tall" role="region" aria-label="Images" tabindex="0"><table><caption><span>${note}</span></caption>
<thead><tr><th scope="col">Image</th><th class="right" scope="col">True</th>${targeted && html`<th class="right" scope="col">Target</th>`}<th class="right" scope="col">Clean answer</th><th class="right" scope="col">Adversarial answer</th><th scope="col">Attack</th><th class="right" scope="col">Margin</th><th class="right" scope="col">L∞ · 255</th><th class="right" scope="col">L2</th><th class="right" scope="col">Questions</th></tr></thead>
<tbody>${listed.map(
    (s) =>
      html`<tr><th scope="row"><code>${s.id}</code></th><td class="right">${named(s.label)}</td>${targeted && html`<td class="right">${s.target !== undefined && named(s.target)}</td>`}<td class="right">${named(s.clean)}</td><td class="right">${named(s.adversarial)}</td><td class="${s.success || s.clean !== s.label ? 'wrong-answer' : 'right-answer'}">${fateOf(s).short}</td><td class="right">${Number.isNaN(s.margin) ? '–' : s.margin.toFixed(2)}</td><td class="right">${(s.linf * 255).toFixed(1)}</td><td class="right">${s.l2.toFixed(3)}</td><td class="right">${questionsOf(s.asked)}</td></tr>\n`,
  )}</tbody></table></div>`;
}
