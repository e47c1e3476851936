import type { Objective } from '../models/index.ts';
import { clone, type Images } from '../tensor/index.ts';
import type { AttackContext } from './define.ts';
import { advance, ask, direction } from './step.ts';

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
