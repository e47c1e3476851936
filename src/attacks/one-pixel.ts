import { z } from 'zod';
import { scoresOf } from '../models/index.ts';
import { clone, type InputSize, type RandomStream, rows } from '../tensor/index.ts';
import { defineAttack } from './define.ts';
import { gains } from './gains.ts';
import { reach } from './step.ts';
import { track } from './track.ts';

/**
 * Differential evolution over places and colours of as many pixels as epsilon allows: a child is one of the population
 * plus a share of the difference of two others, and replaces its parent where the class is no likelier for it. Colours
 * are clipped, places outside the image drawn anew. Population, share and generations (of which the questions are made)
 * are the paper's.
 */
export const onePixel = defineAttack({
  name: 'one-pixel',
  title: 'One-pixel attack',
  paper: 'Su et al. 2017, arXiv:1710.08864, section 3 (differential evolution)',
  heldTo: 'every pixel of affine models',
  access: 'scores',
  norms: ['l0'],
  goals: ['untargeted', 'targeted', 'least-likely'],
  // 400 at first and in each of 100 generations.
  queries: 40_400,
  options: z.strictObject({
    population: z.int().min(4).default(400).describe('candidates, a question each in every generation'),
    share: z.number().positive().max(2).default(0.5).describe('F, share of a difference that a child gets'),
  }),
  async *run({ model, batch, goal, limit, random, options }) {
    const [, channels = 1, height = 1, width = 1] = batch.images.shape;
    const size = { channels, height, width };
    const pixels = reach(limit);
    const tracker = track(goal, batch.start);
    const images = clone(batch.images);
    const searches = batch.ids.map((id, row) =>
      evolution(
        { size, pixels: pixels[row] as number, ...options },
        (draw) => random.stream(id, 'candidate', draw),
        (genes) => {
          const { data } = rows(images, row, row + 1);
          data.set(rows(batch.images, row, row + 1).data);
          paint(data, genes, size);
        },
      ),
    );
    let found = new Float64Array(batch.ids.length);
    // It is ended from outside, once its questions are spent.
    for (;;) {
      for (const [row, search] of searches.entries()) search.next(found[row] as number);
      if (limit.spec.region !== undefined) limit.project(images);
      const answers = await model.answers({ images, ids: batch.ids });
      tracker.see(images, answers);
      found = Float64Array.from(gains(scoresOf(answers), goal, 'cross-entropy'));
      yield tracker.best;
    }
  },
});

/** What is searched for one image. */
interface Searched {
  readonly size: InputSize;
  readonly pixels: number;
  readonly population: number;
  readonly share: number;
}

/**
 * One image's population. Of each pixel a candidate has row, column and colour, all real numbers.
 * @param show puts a candidate where it is asked; told what it gains
 */
function* evolution(
  { size, pixels, population, share }: Searched,
  stream: (draw: number) => RandomStream,
  show: (genes: Float64Array) => void,
): Generator<void, never, number> {
  const members: { genes: Float64Array; gain: number }[] = [];
  for (let draw = 0; ; draw++) {
    const numbers = stream(draw);
    const parent = members[draw % population];
    const genes =
      parent === undefined
        ? first(size, pixels, numbers)
        : child(size, othersOf(members, draw % population, numbers), share, numbers);
    show(genes);
    const gain = yield;
    if (parent === undefined) members.push({ genes, gain });
    else if (gain >= parent.gain || Number.isNaN(parent.gain)) Object.assign(parent, { genes, gain });
  }
}

/** Places at random; colours normal about grey, half the range each way. */
function first({ channels, height, width }: InputSize, pixels: number, stream: RandomStream): Float64Array {
  const stride = 2 + channels;
  const genes = new Float64Array(pixels * stride);
  for (let at = 0; at < genes.length; at += stride) {
    genes[at] = height * stream.uniform();
    genes[at + 1] = width * stream.uniform();
    for (let c = 2; c < stride; c++) genes[at + c] = clipped(0.5 + 0.5 * stream.normal());
  }
  return genes;
}

/** Three different members that are not this one. */
function othersOf(
  members: readonly { genes: Float64Array }[],
  own: number,
  stream: RandomStream,
): readonly [Float64Array, Float64Array, Float64Array] {
  const taken = new Set([own]);
  const other = (): Float64Array => {
    let place = own;
    while (taken.has(place)) place = stream.integer(members.length);
    taken.add(place);
    return (members[place] as { genes: Float64Array }).genes;
  };
  return [other(), other(), other()];
}

function child(
  { channels, height, width }: InputSize,
  [base, plus, minus]: readonly [Float64Array, Float64Array, Float64Array],
  share: number,
  stream: RandomStream,
): Float64Array {
  const placed = (value: number, length: number): number =>
    value >= 0 && value < length ? value : length * stream.uniform();
  return base.map((v, i) => {
    const value = v + share * ((plus[i] as number) - (minus[i] as number));
    const which = i % (2 + channels);
    if (which > 1) return clipped(value);
    return placed(value, which === 0 ? height : width);
  });
}

function clipped(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** Gives the pixels of a candidate their colours; of two at one place the last. */
function paint(image: Float32Array, genes: Float64Array, { channels, height, width }: InputSize): void {
  for (let at = 0; at < genes.length; at += 2 + channels) {
    const place = Math.floor(genes[at] as number) * width + Math.floor(genes[at + 1] as number);
    for (let c = 0; c < channels; c++) image[c * height * width + place] = genes[at + 2 + c] as number;
  }
}
