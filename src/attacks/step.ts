import { crossEntropy, type GradientAnswer, labelTensor, type Objective } from '../models/index.ts';
import { type Images, type Norm, rowSize } from '../tensor/index.ts';
import type { AttackContext } from './define.ts';

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

/** images ← images + size·sign(gradient), in place; sign(0) = 0. */
export function signStep(images: Images, gradient: ArrayLike<number>, size: number): void {
  const { data } = images;
  for (let i = 0; i < data.length; i++) {
    const g = gradient[i] as number;
    if (g > 0) data[i] = (data[i] as number) + size;
    else if (g < 0) data[i] = (data[i] as number) - size;
  }
}

/**
 * images ← images + size·v with v the steepest direction of unit norm: the sign for linf, g/‖g‖₂ for l2. The
 * gradient is divided by its largest entry first, so that its square neither vanishes nor overflows; where all of it
 * is zero the row stays.
 */
export function normStep(images: Images, gradient: Images, size: number, norm: Norm): void {
  if (norm !== 'l2') return signStep(images, gradient.data, size);
  const n = rowSize(images);
  for (let r = 0; r < images.data.length / n; r++) {
    const g = gradient.data.subarray(r * n, (r + 1) * n);
    let largest = 0;
    for (let i = 0; i < n; i++) largest = Math.max(largest, Math.abs(g[i] as number));
    if (!(largest > 0)) continue;
    let sum = 0;
    for (let i = 0; i < n; i++) sum += ((g[i] as number) / largest) ** 2;
    const factor = size / (Math.sqrt(sum) * largest);
    const x = images.data.subarray(r * n, (r + 1) * n);
    // A factor beyond the range of a double means gradients near 1e-308: in float32 there are none.
    for (let i = 0; i < n; i++) x[i] = (x[i] as number) + factor * (g[i] as number);
  }
}
