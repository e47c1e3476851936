import { z } from 'zod';
import { scoresOf } from '../models/index.ts';
import {
  clone,
  type Images,
  type InputSize,
  type RandomStream,
  rowSize,
  rows,
  takeRows,
} from '../tensor/index.ts';
import { type AttackContext, defineAttack } from './define.ts';
import { gains } from './gains.ts';
import { trackNearest } from './track.ts';

/**
 * Zeroth-order optimisation: minimises ‖δ‖² + c·max(0, κ − margin) by differences in single entries, with Adam for each,
 * a batch of entries per step. The margin of log-probabilities, which the paper takes, is that of logits; the slope of
 * ‖δ‖² needs no question. c is searched: ten times as large until something is found, then by bisection, each from the
 * clean image; one that lowers the loss no more is left early. The defaults are those of the authors' code but for
 * `steps`, the paper's for CIFAR-10.
 */
export const zoo = defineAttack({
  name: 'zoo',
  title: 'Zeroth-order optimisation (ZOO)',
  paper: "Chen et al. 2017, arXiv:1708.03999, equations 4 to 6, algorithm 2, and the authors' code",
  heldTo: 'the nearest point of affine models',
  access: 'scores',
  norms: ['l2'],
  goals: ['untargeted', 'targeted', 'least-likely'],
  radius: 'minimum',
  queries: 100_000,
  options: z.strictObject({
    steps: z.int().min(1).default(1000).describe('steps with each c'),
    stepSize: z.number().positive().default(0.002).describe("Adam's, in pixel units"),
    coordinates: z.int().min(1).default(128).describe('entries per step, two questions each'),
    difference: z.number().positive().default(1e-4).describe('h, half of the difference, in pixel units'),
    choice: z
      .enum(['uniform', 'importance'])
      .default('uniform')
      .describe('entries alike, or the more often the more their part of the image has changed'),
    constant: z.number().positive().default(0.5).describe('the first c, weight of the loss'),
    confidence: z.number().min(0).default(0).describe('κ, margin that the loss asks for'),
  }),
  async *run(context) {
    const { model, batch, goal, limit, random, options } = context;
    const tracker = trackNearest(goal, limit, batch.images);
    const images = clone(batch.start);
    const [, channels = 1, height = 1, width = 1] = images.shape;
    const descents = batch.ids.map(() => newDescent(rowSize(images), options));
    // It is ended from outside, once its questions are spent.
    for (let step = 0; ; step++) {
      const asked = limit.judged(images);
      const answers = await model.answers({ images: asked, ids: batch.ids });
      const found = tracker.see(asked, answers.classes);
      yield tracker.best;
      const losses = hinge(gains(scoresOf(answers), goal, 'margin'), options.confidence);
      const changes = batch.ids.map((_, row) => changeOf(asked, batch.images, row));
      const entries = descents.map((descent, row) => {
        const change = changes[row] as Float64Array;
        const left = descent.next({ loss: losses[row] as number, change, found: found[row] === 1 });
        if (left) {
          change.fill(0);
          rows(images, row, row + 1).data.set(rows(batch.images, row, row + 1).data);
        }
        const stream = random.stream(batch.ids[row] as string, 'entries', step);
        const weights =
          options.choice === 'importance' ? importance(change, { channels, height, width }) : undefined;
        return chosen(stream, change.length, options.coordinates, weights);
      });
      const slopes = await differences(context, images, entries);
      for (const [row, descent] of descents.entries())
        descent.step(rows(images, row, row + 1).data, rows(batch.images, row, row + 1).data, {
          entries: entries[row] as Uint32Array,
          slopes: slopes[row] as Float64Array,
        });
      limit.project(images);
    }
  },
});

interface Options {
  readonly steps: number;
  readonly stepSize: number;
  readonly constant: number;
}

/** What one image's search has come to with one c after another. */
function newDescent(size: number, { steps, stepSize, constant }: Options) {
  const [mean, square, times] = [new Float64Array(size), new Float64Array(size), new Uint32Array(size)];
  let [c, low, high] = [constant, 0, Number.POSITIVE_INFINITY];
  let [step, hit, checked] = [0, false, Number.POSITIVE_INFINITY];
  const check = Math.max(1, Math.floor(steps / 10));

  /** Bisects between the last c without a find and the last with one. */
  const nextConstant = (): void => {
    if (hit) high = Math.min(high, c);
    else low = Math.max(low, c);
    c = high === Number.POSITIVE_INFINITY ? Math.min(10 * c, 1e10) : (low + high) / 2;
    for (const state of [mean, square, times]) state.fill(0);
    [step, hit, checked] = [0, false, Number.POSITIVE_INFINITY];
  };

  return {
    /** Whether this c is done, and the next begins at the clean image. */
    next(at: { loss: number; change: Float64Array; found: boolean }): boolean {
      hit ||= at.found;
      const total = at.change.reduce((sum, v) => sum + v * v, 0) + c * at.loss;
      let left = step === steps;
      if (step > 0 && step % check === 0) {
        left ||= !(total <= 0.9999 * checked);
        checked = total;
      }
      if (left) nextConstant();
      step++;
      return left;
    },
    /** Adam for each of the entries, in place. @param given.slopes of the loss that c weighs */
    step(
      x: Float32Array,
      clean: Float32Array,
      { entries, slopes }: { entries: Uint32Array; slopes: Float64Array },
    ) {
      for (const [k, i] of entries.entries()) {
        const slope = slopes[k] as number;
        const g = 2 * ((x[i] as number) - (clean[i] as number)) + (Number.isFinite(slope) ? c * slope : 0);
        const m = 0.9 * (mean[i] as number) + 0.1 * g;
        const v = 0.999 * (square[i] as number) + 0.001 * g * g;
        const t = (times[i] as number) + 1;
        [mean[i], square[i], times[i]] = [m, v, t];
        const length = (stepSize * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t);
        x[i] = (x[i] as number) - (length * m) / (Math.sqrt(v) + 1e-8);
      }
    },
  };
}

function hinge(margins: Float64Array, confidence: number): Float64Array {
  return margins.map((margin) => Math.max(0, confidence - margin));
}

function changeOf(images: Images, clean: Images, row: number): Float64Array {
  const c = rows(clean, row, row + 1).data;
  return Float64Array.from(rows(images, row, row + 1).data, (v, i) => v - (c[i] as number));
}

/** The most rows in a question: more do not fill a run better. */
const widest = 256;

/** Slopes of the loss in entries of each image, as many of each, by differences of both sides. */
export async function differences(
  {
    model,
    batch,
    goal,
    options,
  }: Pick<AttackContext<{ difference: number; confidence: number }>, 'model' | 'batch' | 'goal' | 'options'>,
  images: Images,
  entries: readonly Uint32Array[],
): Promise<Float64Array[]> {
  const count = entries[0]?.length ?? 0;
  const slopes = entries.map(() => new Float64Array(count));
  const room = Math.max(1, Math.floor(Math.min(widest, model.rowsPerRun) / (2 * entries.length)));
  const size = rowSize(images);
  for (let from = 0; from < count; from += room) {
    const to = Math.min(from + room, count);
    const of = entries.flatMap((_, row) => Array.from({ length: 2 * (to - from) }, () => row));
    const points = takeRows(images, of);
    const at = (j: number): number =>
      j * size + ((entries[of[j] as number] as Uint32Array)[from + ((j % (2 * (to - from))) >> 1)] as number);
    for (let j = 0; j < of.length; j++)
      points.data[at(j)] = (points.data[at(j)] as number) + (j % 2 === 0 ? 1 : -1) * options.difference;
    const scores = await model.scores({ images: points, ids: of.map((row) => batch.ids[row] as string) });
    const classes = Int32Array.from(of, (row) => goal.classes[row] as number);
    const losses = hinge(gains(scores, { kind: goal.kind, classes }, 'margin'), options.confidence);
    for (let j = 0; j < of.length; j += 2) {
      // As far apart as float32 has them.
      const apart = (points.data[at(j)] as number) - (points.data[at(j + 1)] as number);
      const k = from + ((j % (2 * (to - from))) >> 1);
      (slopes[of[j] as number] as Float64Array)[k] =
        ((losses[j] as number) - (losses[j + 1] as number)) / apart;
    }
  }
  return slopes;
}

/** So many different entries, or all; where they have weights, the heavier the likelier. */
export function chosen(
  stream: RandomStream,
  size: number,
  count: number,
  weights?: Float64Array,
): Uint32Array {
  if (weights === undefined) return stream.permutation(size).subarray(0, count);
  // The smallest of exponential times, whose rates are the weights.
  const times = weights.map((weight) => -Math.log(1 - stream.uniform()) / weight);
  return Uint32Array.from(times.keys())
    .toSorted((a, b) => (times[a] as number) - (times[b] as number))
    .subarray(0, count);
}

/** Of each entry the largest change in its eighth of height, width and channel; a hundredth of the largest at least. */
export function importance(change: Float64Array, { channels, height, width }: InputSize): Float64Array {
  const parts = new Float64Array(channels * 64);
  const partOf = (i: number): number => {
    const [channel, y, x] = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width];
    return (channel * 8 + Math.floor((8 * y) / height)) * 8 + Math.floor((8 * x) / width);
  };
  for (const [i, v] of change.entries()) parts[partOf(i)] = Math.max(parts[partOf(i)] as number, Math.abs(v));
  const floor = parts.reduce((most, v) => Math.max(most, v), 0) / 100 || 1;
  return change.map((_, i) => Math.max(parts[partOf(i)] as number, floor));
}
