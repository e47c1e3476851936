import type { Example, TournamentResult } from '../../arena/index.ts';
import { type DecodedImage, decodePng } from '../../data/index.ts';
import { epsilonText } from '../../tensor/index.ts';
import { normNames } from '../format.ts';
import { html, type Markup } from './markup.ts';
import { pngUri, scroll } from './page.ts';
import { magnify } from './perturbation.ts';

/** Images this narrow are shown with their pixels as squares. */
const pixelated = 128;

/** An image as a page needs it: the file to show and the levels to compute with. */
export interface Picture {
  png: Uint8Array;
  image: DecodedImage;
}

/** @throws AdvarenaError IMAGE_FORMAT, IMAGE_UNREADABLE */
export async function pictureOf(png: Uint8Array, where: string): Promise<Picture> {
  return { png, image: await decodePng(png, where) };
}

/**
 * A clean image, the adversarial one and the change between them, side by side.
 * @param captions under the first two
 * @throws AdvarenaError IMAGE_SIZE if the images differ in size
 */
export async function triple(
  id: string,
  clean: Picture,
  adversarial: Picture,
  captions: { clean: string; adversarial: string } = { clean: 'clean', adversarial: 'adversarial' },
): Promise<Markup> {
  const change = await magnify(clean.image, adversarial.image, `image ${id}`);
  const small = clean.image.width <= pixelated;
  const picture = (png: Uint8Array, alt: string, caption: string): Markup =>
    html`<figure><img${small && html` class="small"`} src="${pngUri(png)}" alt="${alt}"><figcaption>${caption}</figcaption></figure>`;
  return html`<div class="triple">${picture(clean.png, `Image ${id}, clean`, captions.clean)}${picture(
    adversarial.png,
    `Image ${id}, adversarial`,
    captions.adversarial,
  )}${picture(
    change.png,
    `Change of image ${id}, magnified ${change.factor} times around grey`,
    change.largest === 0
      ? 'no change'
      : `change × ${change.factor} around grey, at most ${change.largest}/255`,
  )}</div>`;
}

/** Each example with every defense's answers. */
export async function exampleCards(
  result: TournamentResult,
  images: (hash: string) => Promise<Uint8Array>,
): Promise<Markup[]> {
  const cards: Markup[] = [];
  // One after the other: pictures are large, and nobody waits for the first of them.
  for (const example of result.examples) cards.push(await card(result, example, images));
  return cards;
}

async function card(
  result: TournamentResult,
  example: Example,
  images: (hash: string) => Promise<Uint8Array>,
): Promise<Markup> {
  const pictures = await triple(
    example.id,
    await pictureOf(await images(example.clean), `image ${example.id}, clean`),
    await pictureOf(await images(example.adversarial), `image ${example.id}, adversarial`),
  );
  const named = (label: number): string | number => result.dataset.classNames?.[label] ?? label;
  const answer = (given: number | null, clean: boolean): Markup => {
    if (given === null) return html`<td class="right soft">none</td>`;
    if (given === example.label) return html`<td class="right right-answer">${named(given)} ✓</td>`;
    const hit = !clean && given === example.target;
    return html`<td class="right wrong-answer">${named(given)} ${hit ? '◎' : '✗'}</td>`;
  };
  return html`<article class="example"><header><h4>${example.attack}</h4>
<p class="soft small">${normNames[result.norm]} ≤ ${epsilonText(result.norm, example.epsilon)}, image <code>${example.id}</code>, true class ${named(example.label)}${
    example.target !== undefined && `, target ${named(example.target)}`
  }</p></header>
${pictures}
${scroll(
  `Answers on image ${example.id}`,
  html`<table><caption class="hidden">Answers of each defense</caption><thead><tr><th scope="col">Answers of</th><th class="right" scope="col">clean</th><th class="right" scope="col">adversarial</th></tr></thead><tbody>${example.answers.map(
    (a) =>
      html`<tr><th scope="row">${a.defense}</th>${answer(a.clean, true)}${answer(a.adversarial, false)}</tr>`,
  )}</tbody></table>`,
)}</article>`;
}
