import { z } from 'zod';
import { scoresOf } from '../models/index.ts';
import { clone, type RandomStream, rowSize, rows } from '../tensor/index.ts';
import { defineAttack } from './define.ts';
import { gains } from './gains.ts';
import { track } from './track.ts';

/**
 * Sparse random search: as many pixels as may change are set to corners of the colour cube; each question takes some of
 * them back and sets as many others, and keeps that if the loss gains by it. How many are exchanged falls from question to
 * question.
 */
export const sparseRs = defineAttack({
  name: 'sparse-rs',
  title: 'Sparse random search (Sparse-RS)',
  paper: 'Croce et al. 2020, arXiv:2006.12834, algorithm 2; schedule of the authors’ code',
  heldTo: 'the fewest pixels of affine models',
  access: 'scores',
  norms: ['l0', 'l0-entries'],
  goals: ['untargeted', 'targeted', 'least-likely'],
  queries: 5000,
  options: z.strictObject({
    schedule: z
      .int()
      .min(1)
      .default(5000)
      .describe('questions for which the exchanges are laid out; it may be asked fewer or more'),
    share: z.number().positive().max(1).default(0.3).describe('share of the pixels in the first exchange'),
    loss: z
      .enum(['margin', 'cross-entropy'])
      .optional()
      .describe('what an exchange has to gain; margin by default, cross-entropy towards a target'),
  }),
  async *run({ model, batch, goal, limit, random, options }) {
    const loss = options.loss ?? (goal.kind === 'targeted' ? 'cross-entropy' : 'margin');
    const [, channels = 1] = batch.images.shape;
    const size = rowSize(batch.images);
    const pixels = limit.spec.norm === 'l0' ? size / channels : size;
    const tracker = track(goal, batch.start);
    const current = clone(batch.images);
    const trial = clone(batch.images);
    const searches = batch.ids.map((id, i): Search => {
      const order = Uint32Array.from({ length: pixels }, (_, p) => p);
      shuffle(order, pixels, random.stream(id, 'pixels', 0));
      return { order, most: Math.min(limit.radii[i] as number, pixels), gained: Number.NEGATIVE_INFINITY };
    });
    // It is ended from outside, once its questions are spent.
    for (let query = 0; ; query++) {
      const exchanges = searches.map(({ most, order }, i): Exchange => {
        const stream = random.stream(batch.ids[i] as string, 'exchange', query);
        const x = rows(trial, i, i + 1).data;
        const wished = query === 0 ? most : Math.max(1, Math.floor(exchanged(query, options) * most));
        const count = Math.min(wished, query === 0 ? most : pixels - most);
        const clean = rows(batch.images, i, i + 1).data;
        // Those that go back, and those that come: at first all that may change come.
        const out = query === 0 ? [] : places(count, 0, most, stream);
        const into = query === 0 ? places(count, 0, most, stream) : places(count, most, pixels, stream);
        for (const at of out)
          for (let j = order[at] as number; j < size; j += pixels) x[j] = clean[j] as number;
        for (const at of into)
          for (let j = order[at] as number; j < size; j += pixels) x[j] = stream.integer(2);
        return { out, into };
      });
      limit.project(trial);
      const answers = await model.answers({ images: trial, ids: batch.ids });
      tracker.see(trial, answers);
      for (const [i, value] of gains(scoresOf(answers), goal, loss).entries()) {
        const search = searches[i] as Search;
        const [from, to] = [rows(trial, i, i + 1).data, rows(current, i, i + 1).data];
        if (value > search.gained || query === 0) {
          search.gained = Math.max(search.gained, Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value);
          to.set(from);
          if (query > 0) swap(search.order, exchanges[i] as Exchange);
        } else from.set(to);
      }
      yield tracker.best;
    }
  },
});

/** The search of one image. */
interface Search {
  /** All pixels, those that have changed first. */
  readonly order: Uint32Array;
  /** How many may. */
  readonly most: number;
  gained: number;
}

/** Places in the order: what goes back and what comes in its place. */
interface Exchange {
  readonly out: readonly number[];
  readonly into: readonly number[];
}

function swap(order: Uint32Array, { out, into }: Exchange): void {
  for (const [k, a] of out.entries()) {
    const b = into[k] as number;
    [order[a], order[b]] = [order[b] as number, order[a] as number];
  }
}

/** So many different places from one up to another. */
function places(count: number, from: number, to: number, stream: RandomStream): number[] {
  const all = Uint32Array.from({ length: to - from }, (_, k) => from + k);
  shuffle(all, count, stream);
  return Array.from(all.subarray(0, count));
}

/** The first `count` become a draw of all, without replacement. */
function shuffle(all: Uint32Array, count: number, stream: RandomStream): void {
  for (let k = 0; k < count; k++) {
    const other = k + stream.integer(all.length - k);
    [all[k], all[other]] = [all[other] as number, all[k] as number];
  }
}

/** By what the first share is divided from which step on, in a search of 10 000. */
const divisors = [
  [8000, 20],
  [6000, 15],
  [4000, 12],
  [2000, 10],
  [1000, 8],
  [500, 6],
  [200, 5],
  [50, 4],
  [0, 2],
] as const;

/** Share of the pixels that are exchanged. */
function exchanged(step: number, { schedule, share }: { schedule: number; share: number }): number {
  const scaled = Math.floor((step * 10_000) / schedule);
  const [, divisor] = divisors.find(([bound]) => scaled > bound) ?? [0, 1];
  return share / divisor;
}
