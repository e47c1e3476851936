import { z } from 'zod';
import { crossEntropy } from '../models/index.ts';
import { bisectedConstant, type Search } from './constants.ts';
import { defineAttack, type Goal } from './define.ts';
import { type Descent, inDescents, type Slope, type Told } from './descents.ts';
import { quasiNewton } from './quasi-newton.ts';

/**
 * The first attack of all: c·loss + ‖x' − x‖² is brought to its lowest within the pixel range by L-BFGS, and c is searched
 * for by bisection. The loss is the target's cross-entropy; where a class is to be left, that of all others together.
 */
export const lbfgs = defineAttack({
  name: 'lbfgs',
  title: 'Box-constrained L-BFGS',
  paper: 'Szegedy et al. 2013, arXiv:1312.6199, section 4.1; searches and first constant as in cleverhans',
  heldTo: 'the nearest point of affine models',
  access: 'gradient',
  norms: ['l2'],
  goals: ['untargeted', 'targeted', 'least-likely'],
  radius: 'minimum',
  options: z.strictObject({
    steps: z.int().min(1).default(100).describe('steps for one constant; each asks one gradient or a few'),
    searches: z.int().min(1).default(9).describe('constants that are tried'),
    firstConstant: z.number().positive().default(0.01).describe('weight of the loss in the first search'),
  }),
  run(context) {
    const { goal, options } = context;
    return inDescents(context, (slope) => searched(slope, goal.kind, options));
  },
});

const objective = crossEntropy();

function* searched(
  { start, clean }: Slope,
  kind: Goal['kind'],
  plan: { steps: number; searches: number; firstConstant: number },
): Descent {
  yield* bisectedConstant(plan, function* (constant) {
    let found = false;
    function* valueAt(x: Float64Array, gradient: Float64Array): Search<number> {
      const told = yield { point: Float32Array.from(x), objective };
      if (told.fooled) found = true;
      const { loss, weight } = lossOf(told, kind);
      let square = 0;
      for (let i = 0; i < x.length; i++) {
        const change = (x[i] as number) - (clean[i] as number);
        square += change * change;
        gradient[i] = 2 * change - constant * weight * (told.gradient[i] as number);
      }
      return square + constant * loss;
    }
    yield* quasiNewton(Float64Array.from(start), valueAt, plan.steps);
    return found;
  });
}

/** What is to fall, and how its gradient is that of the cross-entropy. */
function lossOf({ value }: Told, kind: Goal['kind']): { loss: number; weight: number } {
  if (kind === 'targeted') return { loss: value, weight: 1 };
  // −log p of the other classes together, where the cross-entropy is V = −log(1 − p).
  const odds = Math.max(Math.expm1(value), 1e-30);
  return { loss: value - Math.log(odds), weight: 1 / odds };
}
