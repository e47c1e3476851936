import { z } from 'zod';
import type { Objective } from '../models/index.ts';
import { clone, type Images } from '../tensor/index.ts';
import type { AttackContext } from './define.ts';
import { advance, ask, direction } from './step.ts';

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

/** What the iterated sign methods have in common: a number of equal steps from x, each projected. */
export interface IterateOptions {
  steps: number;
  stepSize: number;
  objective?: Objective;
  /** Changes the gradient before the step, in place (momentum). */
  shape?: (gradient: Images) => void;
}

/** x₀ = x; `steps` times x ← Π(x ± stepSize·v). Returns the last iterate, as the originals do. */
export async function* iterate(
  context: AttackContext<unknown>,
  options: IterateOptions,
): AsyncGenerator<Images, Images> {
  const { batch, goal, limit } = context;
  const images = clone(batch.images);
  for (let step = 0; step < options.steps; step++) {
    const { gradient } = await ask(context, images, options.objective);
    options.shape?.(gradient);
    advance(images, gradient, direction(goal) * options.stepSize, limit, batch.images);
    yield images;
  }
  return images;
}
