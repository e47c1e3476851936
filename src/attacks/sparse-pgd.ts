import { z } from 'zod';
import { clone, markLargest, rowSize, rows } from '../tensor/index.ts';
import { defineAttack } from './define.ts';
import { lossOf } from './named-losses.ts';
import { uphill } from './step.ts';
import { track } from './track.ts';

/**
 * Sparse PGD: a change of all pixels under a mask of as many as may change, both climbed at once. The mask is where a
 * continuous one is largest, which moves by the gradient's whole length; where it stays the same for a while it is drawn
 * anew. With `unprojected` what lies outside the mask moves too, by the share that the continuous one gives it.
 */
export const sparsePgd = defineAttack({
  name: 'sparse-pgd',
  title: 'Sparse PGD',
  paper: 'Zhong et al. 2024, arXiv:2405.05075, algorithm 1; constants of the authors’ code',
  heldTo: 'the fewest pixels of affine models',
  access: 'gradient',
  norms: ['l0', 'l0-entries'],
  goals: ['untargeted', 'targeted', 'least-likely'],
  options: z.strictObject({
    steps: z.int().min(1).default(300).describe('gradient steps'),
    stepSize: z.number().positive().default(0.25).describe('of the change, in pixel units'),
    maskStep: z
      .number()
      .positive()
      .default(0.25)
      .describe('of the mask, in units of the square root of its entries'),
    patience: z
      .int()
      .min(1)
      .default(3)
      .describe('steps after which a mask that stays the same is drawn anew'),
    unprojected: z.boolean().default(true).describe('whether what lies outside the mask moves too'),
    loss: z.enum(['cross-entropy', 'margin']).default('cross-entropy').describe('objective that is climbed'),
  }),
  async *run(context) {
    const { model, batch, goal, limit, random, options } = context;
    const [, channels = 1] = batch.images.shape;
    const size = rowSize(batch.images);
    const pixels = limit.spec.norm === 'l0' ? size / channels : size;
    const objective = lossOf(options.loss, goal);
    const tracker = track(goal, batch.start);
    const masks = batch.ids.map((id, i): Mask => {
      const change = new Float32Array(size);
      random.stream(id, 'start', 0).fillUniform(change, -1, 1);
      const levels = new Float32Array(pixels);
      random.stream(id, 'mask', 0).fillNormal(levels, 0, 1);
      const clean = rows(batch.images, i, i + 1).data;
      keepInside(change, clean);
      const most = Math.min(limit.radii[i] as number, pixels);
      return { clean, change, levels, most, chosen: largest(levels, most), stuck: 0 };
    });
    const images = clone(batch.start);
    const place = (): void => {
      for (const [i, { clean, change, chosen }] of masks.entries()) {
        const x = rows(images, i, i + 1).data;
        for (let j = 0; j < size; j++)
          x[j] = (clean[j] as number) + (chosen[j % pixels] === 1 ? (change[j] as number) : 0);
      }
      limit.project(images);
    };
    for (let step = 0; step < options.steps; step++) {
      place();
      const answer = await uphill(context, images, objective);
      tracker.see(images, answer);
      for (const [i, mask] of masks.entries()) {
        const before = mask.chosen;
        climb(mask, rows(answer.gradient, i, i + 1).data, options);
        mask.chosen = largest(mask.levels, mask.most);
        mask.stuck = mask.chosen.every((c, p) => c === before[p]) ? mask.stuck + 1 : 0;
        if (mask.stuck < options.patience) continue;
        mask.stuck = 0;
        random.stream(batch.ids[i] as string, 'mask', step + 1).fillNormal(mask.levels, 0, 1);
        mask.chosen = largest(mask.levels, mask.most);
      }
      yield tracker.best;
    }
    place();
    tracker.see(images, await model.answers({ images, ids: batch.ids }));
    return tracker.best;
  },
});

/** The change of one image and its mask. */
interface Mask {
  readonly clean: Float32Array;
  readonly change: Float32Array;
  /** Of each pixel: those with the largest may change. */
  readonly levels: Float32Array;
  readonly most: number;
  chosen: Uint8Array;
  /** Steps for which they have been the same. */
  stuck: number;
}

/** What a level counts, above 0 and below 1. */
function shareOf(level: number): number {
  return 1 / (1 + Math.exp(-level));
}

function largest(levels: Float32Array, most: number): Uint8Array {
  return markLargest(Float64Array.from(levels, shareOf), most);
}

interface Steps {
  readonly stepSize: number;
  readonly maskStep: number;
  readonly unprojected: boolean;
}

/** Both move up the gradient: the change by its signs, the mask by its direction. */
function climb(
  { clean, change, levels, chosen }: Mask,
  gradient: Float32Array,
  { stepSize, maskStep, unprojected }: Steps,
): void {
  const pixels = levels.length;
  const slopes = new Float64Array(pixels);
  for (let j = 0; j < change.length; j++) {
    const share = shareOf(levels[j % pixels] as number);
    const g = gradient[j] as number;
    slopes[j % pixels] = (slopes[j % pixels] as number) + g * (change[j] as number) * share * (1 - share);
    const own = unprojected || chosen[j % pixels] === 1 ? g : 0;
    change[j] = (change[j] as number) + stepSize * Math.sign(own);
  }
  keepInside(change, clean);
  let square = 0;
  for (const slope of slopes) square += slope * slope;
  // Below this the direction is that of rounding (the authors' code).
  if (!(square > 4e-20)) return;
  const factor = (maskStep * Math.sqrt(pixels)) / Math.sqrt(square);
  for (let p = 0; p < pixels; p++) levels[p] = (levels[p] as number) + factor * (slopes[p] as number);
}

function keepInside(change: Float32Array, clean: Float32Array): void {
  for (let j = 0; j < change.length; j++) {
    const c = clean[j] as number;
    change[j] = Math.min(1 - c, Math.max(-c, change[j] as number));
  }
}
