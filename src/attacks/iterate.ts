import { z } from 'zod';
import type { Given, Objective, Oracle } from '../models/index.ts';
import { addScaled, clone, type Images, type Limit } from '../tensor/index.ts';
import type { AttackContext } from './define.ts';
import { reach, uphill } from './step.ts';

/** The options `steps` and `stepSize` of an iterated attack. */
export function stepOptions(steps: number, stepSize: string) {
  return {
    steps: z.int().min(1).default(steps).describe('gradient steps'),
    stepSize: z.number().positive().optional().describe(`in pixel units; ${stepSize} by default`),
  };
}

/** The option `smoothing` of the baselines of 2017. */
export const smoothing = z
  .number()
  .min(0)
  .max(1)
  .default(0)
  .describe('label smoothing of the loss; the baseline took 0.1');

/** Uphill for the attacker, of the points' shape: one row per row of the batch. The array is the caller's. */
export type GradientAt = (points: Images) => Promise<Images>;

/** Where the gradient is asked (Nesterov's point, a neighbourhood). Each wraps the next, the first outermost. */
export type Where = (images: Images, step: number, at: GradientAt) => Promise<Images>;

/** How the gradient turns into a step (momentum, smoothing), in place; one after the other. */
export type How = (gradient: Images, step: number) => void;

/** What model is looked at is no part of an iteration: views are named beside the attack, and lie beneath the seal. */
export interface IterateOptions {
  readonly steps: number;
  /** In pixel units, one for all rows or of each row's radius, and of the step; radius / steps by default. */
  readonly stepSize?: StepSize | undefined;
  /** Cross-entropy of the goal's classes by default. */
  readonly objective?: Objective | undefined;
  /** What the objective asks for beside `labels`. */
  readonly given?: Given;
  readonly where?: readonly Where[];
  readonly how?: readonly How[];
  /** Models that a step asks one after the other; their gradients are summed. The context's own by default. */
  readonly models?: ((step: number) => readonly Oracle[]) | undefined;
  /** What becomes of each of these gradients before. */
  readonly each?: How | undefined;
  /** Moves the images before a step, in place; they are projected with it. */
  readonly before?: (images: Images, step: number) => void;
  /** Whether what `how` leaves is the step itself, in units of its size. Its steepest direction is taken by default. */
  readonly asItIs?: boolean;
}

export type StepSize = number | ((radius: number, step: number) => number);

/** The length of a step per row. */
export function stepSizes(limit: Limit, stepSize: StepSize, step = 0): Float64Array {
  return reach(limit).map((radius) => (typeof stepSize === 'number' ? stepSize : stepSize(radius, step)));
}

/**
 * x₀ = start; `steps` times x ← Π(x + stepSize·v). Returns the last iterate, as the originals do. Yields after every
 * step, and after every question where a step asks several models.
 */
export async function* iterate(
  context: AttackContext,
  options: IterateOptions,
): AsyncGenerator<Images, Images> {
  const { batch, limit } = context;
  const {
    steps,
    stepSize,
    objective,
    given,
    where = [],
    how = [],
    models,
    each,
    before,
    asItIs = false,
  } = options;
  const images = clone(batch.start);
  const ask = (model: Oracle, step: number): Promise<Images> => {
    const plain: GradientAt = async (points) =>
      (await uphill({ ...context, model }, points, objective, given)).gradient;
    const at = where.reduceRight<GradientAt>((at, outer) => (points) => outer(points, step, at), plain);
    return at(images);
  };
  for (let step = 0; step < steps; step++) {
    if (before !== undefined) {
      before(images, step);
      limit.project(images);
    }
    const [first = context.model, ...more] = models?.(step) ?? [];
    const gradient = await ask(first, step);
    each?.(gradient, step);
    for (const model of more) {
      yield images;
      const other = await ask(model, step);
      each?.(other, step);
      addScaled(gradient, other, 1);
    }
    for (const change of how) change(gradient, step);
    const sizes = stepSizes(limit, stepSize ?? ((radius) => radius / steps), step);
    if (asItIs) {
      addScaled(images, gradient, sizes);
      limit.project(images);
    } else limit.step(images, gradient, sizes);
    yield images;
  }
  return images;
}
