import { z } from 'zod';
import { margin } from '../models/index.ts';
import { distance } from '../tensor/index.ts';
import { bisectedConstant } from './constants.ts';
import { defineAttack } from './define.ts';
import { type Descent, inDescents, type Slope } from './descents.ts';

/**
 * Elastic net: Carlini and Wagner's loss with β‖δ‖₁ beside ‖δ‖², descended by the fast iterative shrinking that takes
 * changes below β back to none. What is kept is the smallest in l1, or in the sum that is descended. The gradient is asked at
 * the point that momentum leads to, and whether it fools the model at the shrunk one.
 */
export const ead = defineAttack({
  name: 'ead',
  title: 'Elastic-net attack (EAD)',
  paper: 'Chen et al. 2017, arXiv:1709.04114, algorithm 1; 9 searches of 1,000 steps as in its section 4.1',
  heldTo: 'Foolbox; the nearest point of affine models',
  access: 'gradient',
  norms: ['l1'],
  goals: ['untargeted', 'targeted', 'least-likely'],
  radius: 'minimum',
  options: z.strictObject({
    steps: z.int().min(1).default(1000).describe('steps for one constant, of a gradient and a question each'),
    searches: z.int().min(1).default(9).describe('constants that are tried'),
    stepSize: z.number().positive().default(0.01).describe('of the first step; it falls as a square root'),
    firstConstant: z.number().positive().default(0.001).describe('weight of the margin in the first search'),
    beta: z.number().min(0).default(0.01).describe('weight of the l1 norm beside the square of l2'),
    decision: z
      .enum(['l1', 'elastic-net'])
      .default('l1')
      .describe('what is smallest in the result: l1, or beta times l1 plus the square of l2'),
    confidence: z.number().min(0).default(0).describe('margin from which an image counts as fooling'),
    abort: z.boolean().default(true).describe('ends a trial that a tenth of its steps has not improved'),
  }),
  run(context) {
    const { options } = context;
    const { confidence, beta, decision } = options;
    return inDescents(context, (slope) => shrunk(slope, options), {
      confidence,
      ...(decision === 'elastic-net' && {
        measure: (x, clean) => beta * distance(x, clean, 'l1', 1) + distance(x, clean, 'l2', 1) ** 2,
      }),
    });
  },
});

interface Plan {
  readonly steps: number;
  readonly searches: number;
  readonly stepSize: number;
  readonly firstConstant: number;
  readonly beta: number;
  readonly confidence: number;
  readonly abort: boolean;
}

const objective = margin();

function* shrunk({ start, clean }: Slope, plan: Plan): Descent {
  const { steps, stepSize, beta, confidence } = plan;
  yield* bisectedConstant(plan, function* (constant) {
    const point = start.slice();
    const ahead = start.slice();
    let [found, before] = [false, Number.POSITIVE_INFINITY];
    for (let step = 0; step < steps; step++) {
      const told = yield { point: ahead, objective };
      const short = confidence - told.margin;
      const factor = short > 0 ? constant : 0;
      const size = stepSize * Math.sqrt(1 - step / steps);
      const momentum = step / (step + 3);
      let square = 0;
      for (let i = 0; i < point.length; i++) {
        const c = clean[i] as number;
        const y = ahead[i] as number;
        const change = y - c;
        square += change * change;
        const z = y - size * (2 * change - factor * (told.gradient[i] as number)) - c;
        const old = point[i] as number;
        const next = z > beta ? Math.min(1, c + z - beta) : z < -beta ? Math.max(0, c + z + beta) : c;
        point[i] = next;
        ahead[i] = next + momentum * (next - old);
      }
      if (plan.abort && step % Math.ceil(steps / 10) === 0) {
        const loss = square + factor * short;
        if (loss > 0.9999 * before) break;
        before = loss;
      }
      if ((yield { point }).fooled) found = true;
    }
    return found;
  });
}
