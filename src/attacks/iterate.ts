import { z } from 'zod';
import type { Given, Objective } from '../models/index.ts';
import { clone, type Images, type Limit } from '../tensor/index.ts';
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
  /** In pixel units, one for all rows or of each row's radius; radius / steps by default. */
  readonly stepSize?: number | ((radius: number) => number) | undefined;
  /** Cross-entropy of the goal's classes by default. */
  readonly objective?: Objective | undefined;
  /** What the objective asks for beside `labels`. */
  readonly given?: Given;
  readonly where?: readonly Where[];
  readonly how?: readonly How[];
}

/** The length of a step per row. */
export function stepSizes(limit: Limit, stepSize: number | ((radius: number) => number)): Float64Array {
  return reach(limit).map((radius) => (typeof stepSize === 'number' ? stepSize : stepSize(radius)));
}

/** x₀ = start; `steps` times x ← Π(x + stepSize·v). Returns the last iterate, as the originals do. */
export async function* iterate(
  context: AttackContext,
  { steps, stepSize, objective, given, where = [], how = [] }: IterateOptions,
): AsyncGenerator<Images, Images> {
  const { batch, limit } = context;
  const sizes = stepSizes(limit, stepSize ?? ((radius) => radius / steps));
  const images = clone(batch.start);
  const plain: GradientAt = async (points) => (await uphill(context, points, objective, given)).gradient;
  for (let step = 0; step < steps; step++) {
    const ask = where.reduceRight<GradientAt>((at, outer) => (points) => outer(points, step, at), plain);
    const gradient = await ask(images);
    for (const change of how) change(gradient, step);
    limit.step(images, gradient, sizes);
    yield images;
  }
  return images;
}
