import { crossEntropy, type GradientAnswer, labelTensor, type Objective } from '../models/index.ts';
import { type Images, rowSize, signStep } from '../tensor/index.ts';
import type { AttackContext } from './define.ts';
import type { Limit } from './limit.ts';

/** +1 to climb away from the goal's classes, -1 to descend towards them. */
export function direction(goal: { kind: 'untargeted' | 'targeted' }): 1 | -1 {
  return goal.kind === 'targeted' ? -1 : 1;
}

/** Value, logits and gradient of the objective at `images`, the batch's own rows. */
export function ask(
  context: Pick<AttackContext<unknown>, 'model' | 'batch' | 'goal'>,
  images: Images,
  objective: Objective = crossEntropy(),
): Promise<GradientAnswer> {
  return context.model.gradient({ images, ids: context.batch.ids }, objective, {
    labels: labelTensor(context.goal.classes),
  });
}

/**
 * One step of the length `size` (negative to descend) along the steepest direction of unit norm, in place, then back
 * into the limit: the sign of the gradient for linf (sign(0) = 0), g/‖g‖₂ for l2. A row whose gradient is all zero
 * stays.
 */
export function advance(images: Images, gradient: Images, size: number, limit: Limit, clean: Images): void {
  if (limit.norm === 'linf') return signStep(images.data, gradient.data, size, limit.epsilon, clean.data);
  const n = rowSize(images);
  for (let from = 0; from < images.data.length; from += n)
    normStep(images.data, gradient.data, size, from, from + n);
  limit.project(images, clean);
}

/** The gradient is divided by its largest entry first, so that its square neither vanishes nor overflows. */
function normStep(x: Float32Array, g: Float32Array, size: number, from: number, to: number): void {
  let largest = 0;
  for (let i = from; i < to; i++) largest = Math.max(largest, Math.abs(g[i] as number));
  if (!(largest > 0)) return;
  let sum = 0;
  for (let i = from; i < to; i++) sum += ((g[i] as number) / largest) ** 2;
  const factor = size / (Math.sqrt(sum) * largest);
  for (let i = from; i < to; i++) x[i] = (x[i] as number) + factor * (g[i] as number);
}
