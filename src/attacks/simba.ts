import { z } from 'zod';
import { scoresOf } from '../models/index.ts';
import { clone, type InputSize, inverseDct, type RandomStream, rows } from '../tensor/index.ts';
import { defineAttack } from './define.ts';
import { gains } from './gains.ts';
import { track } from './track.ts';

/**
 * Steps along one vector of an orthonormal basis after the other, single entries or cosine waves, drawn without
 * replacement: down, then up where that was no gain. What lowers the class's probability is kept. A step that changes
 * nothing costs no question; once all vectors were tried it begins anew. Steps of 0.2 and the lowest eighth of the
 * frequencies are the paper's.
 */
export const simba = defineAttack({
  name: 'simba',
  title: 'Simple black-box attack (SimBA)',
  paper: 'Guo et al. 2019, arXiv:1905.07121, algorithm 1 and section 3 (waves)',
  heldTo: 'ART; affine models',
  access: 'scores',
  norms: ['l2', 'linf'],
  goals: ['untargeted', 'targeted', 'least-likely'],
  queries: 10_000,
  options: z.strictObject({
    basis: z.enum(['pixels', 'dct']).default('pixels').describe('single entries, or waves of one channel'),
    stepSize: z.number().positive().default(0.2).describe('in pixel units, before projection'),
    lowest: z
      .number()
      .positive()
      .max(1)
      .default(1 / 8)
      .describe('share of the frequencies of a side that dct tries first; twice as many next, to the last'),
  }),
  async *run({ model, batch, goal, limit, random, options }) {
    const [, channels = 1, height = 1, width = 1] = batch.images.shape;
    const size = { channels, height, width };
    const basis = options.basis === 'dct' ? waves(size, options.lowest) : entries(size);
    const tracker = track(goal, batch.start);
    const current = clone(batch.start);
    const trial = clone(batch.start);
    const searches = batch.ids.map((id, row) => {
      const own = limit.take([row]);
      const next = rows(trial, row, row + 1);
      return search(basis, {
        now: rows(current, row, row + 1).data,
        next: next.data,
        order: (sweep) => random.stream(id, 'order', sweep),
        step(vector, sign) {
          basis.add(next.data, vector, sign * options.stepSize);
          own.project(next);
        },
      });
    });
    const gained = new Float64Array(batch.ids.length).fill(Number.NEGATIVE_INFINITY);
    const better = batch.ids.map(() => false);
    // It is ended from outside, once its questions are spent.
    for (;;) {
      for (const [row, one] of searches.entries()) one.next(better[row] as boolean);
      const answers = await model.answers({ images: trial, ids: batch.ids });
      tracker.see(trial, answers);
      for (const [row, value] of gains(scoresOf(answers), goal, 'cross-entropy').entries()) {
        const best = gained[row] as number;
        better[row] = value > best;
        if (value > best) gained[row] = value;
      }
      yield tracker.best;
    }
  },
});

interface Basis {
  /** All vectors, in the order of the parts; within one it is drawn. */
  readonly parts: readonly (readonly number[])[];
  /** Adds `by` times the unit vector to an image. */
  add(image: Float32Array, vector: number, by: number): void;
}

/** One image's search, in place. */
interface Searched {
  readonly now: Float32Array;
  /** What is asked next. */
  readonly next: Float32Array;
  readonly order: (sweep: number) => RandomStream;
  /** Changes `next`. */
  readonly step: (vector: number, sign: number) => void;
}

/** Puts into `next` what is to be asked; told whether that was better than `now`. */
function* search(basis: Basis, { now, next, order, step }: Searched): Generator<void, never, boolean> {
  yield;
  for (let sweep = 0; ; sweep++) {
    const stream = order(sweep);
    let moved = false;
    for (const part of basis.parts)
      for (const place of stream.permutation(part.length))
        for (const sign of [-1, 1]) {
          next.set(now);
          step(part[place] as number, sign);
          if (next.every((v, i) => v === now[i])) continue;
          moved = true;
          if (!(yield)) continue;
          now.set(next);
          break;
        }
    if (moved) continue;
    // Nothing can be changed, and a question must be asked.
    next.set(now);
    yield;
  }
}

/** Entries of the image. */
function entries({ channels, height, width }: InputSize): Basis {
  return {
    parts: [Array.from({ length: channels * height * width }, (_, i) => i)],
    add(image, vector, by) {
      image[vector] = (image[vector] as number) + by;
    },
  };
}

/** Orthonormal cosine waves (DCT-II) of one channel each, numbered as the coefficients of a transformed image. */
export function waves({ channels, height, width }: InputSize, lowest: number): Basis {
  const plane = height * width;
  const coefficients = new Float64Array(plane);
  const parts: number[][] = [];
  for (let vector = 0; vector < channels * plane; vector++) {
    const [i, j] = [Math.floor(vector / width) % height, vector % width];
    const part = Math.max(0, Math.ceil(Math.log2(Math.max((i + 1) / height, (j + 1) / width) / lowest)));
    parts[part] ??= [];
    parts[part].push(vector);
  }
  return {
    parts: Object.values(parts),
    add(image, vector, by) {
      coefficients[vector % plane] = by;
      const wave = inverseDct(coefficients, height, width);
      coefficients[vector % plane] = 0;
      const from = vector - (vector % plane);
      for (const [i, v] of wave.entries()) image[from + i] = (image[from + i] as number) + v;
    },
  };
}
