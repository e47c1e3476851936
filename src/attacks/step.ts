import {
  crossEntropy,
  type Given,
  type GradientAnswer,
  labelTensor,
  type Objective,
} from '../models/index.ts';
import type { Images, Limit } from '../tensor/index.ts';
import type { AttackContext, Goal } from './define.ts';

/**
 * Value, answers and gradient of the objective at `images`, the batch's own rows. The gradient points uphill for the
 * attacker whatever the goal: away from the classes to leave, towards those to reach.
 */
export async function uphill(
  { model, batch, goal }: Pick<AttackContext, 'model' | 'batch' | 'goal'>,
  images: Images,
  objective: Objective = crossEntropy(),
  given: Given = {},
): Promise<GradientAnswer> {
  const answer = await model.gradient({ images, ids: batch.ids }, objective, {
    ...given,
    labels: labelTensor(goal.classes),
  });
  turn(answer.gradient, goal);
  return answer;
}

/** Makes a gradient of a loss of the goal's classes point uphill for the attacker, in place. */
export function turn({ data }: Images, goal: Pick<Goal, 'kind'>): void {
  if (goal.kind === 'targeted') for (let i = 0; i < data.length; i++) data[i] = -(data[i] as number);
}

/** Radius per row, 1 where it is free: what step sizes are shares of. */
export function reach({ radii }: Limit): Float64Array {
  return radii.map((radius) => (Number.isFinite(radius) ? radius : 1));
}
