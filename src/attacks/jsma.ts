import { z } from 'zod';
import { logit, logitSum } from '../models/index.ts';
import { defineAttack } from './define.ts';
import { type Descent, inDescents, type Slope } from './descents.ts';

/**
 * Saliency map: two entries at a time, those that together raise the target most while the other classes fall, until the
 * target is reached or nothing does both. The map is of logits. Where a class is to be left, that falls and the others rise
 * (Wiyatno and Xu 2018, arXiv:1808.07945, section 3.1).
 */
export const jsma = defineAttack({
  name: 'jsma',
  title: 'Jacobian-based saliency map attack',
  paper:
    'Papernot et al. 2015, arXiv:1511.07528, algorithm 3, equation 8; theta and most as in its section V',
  heldTo: 'advertorch',
  access: 'gradient',
  norms: ['l0-entries', 'l0'],
  goals: ['untargeted', 'targeted', 'least-likely'],
  radius: 'minimum',
  options: z.strictObject({
    theta: z
      .number()
      .min(-1)
      .max(1)
      .refine((theta) => theta !== 0, 'must not be 0')
      .default(1)
      .describe('what a step adds to each of the two entries'),
    most: z.number().gt(0).max(1).default(0.145).describe('share of entries that may change at most'),
  }),
  run(context) {
    return inDescents(context, (slope) => pairByPair(slope, context.options));
  },
});

const [ofOwn, ofAll] = [logit(), logitSum()];

function* pairByPair({ start }: Slope, { theta, most }: { theta: number; most: number }): Descent {
  const point = start.slice();
  const steps = Math.floor((most * point.length) / 2);
  const [way, end] = [Math.sign(theta), theta > 0 ? 1 : 0];
  for (let step = 0; step < steps; step++) {
    const own = yield { point, objective: ofOwn };
    if (own.fooled) return;
    const gains = own.gradient.map((g) => way * g);
    const { gradient: all } = yield { point, objective: ofAll };
    // What the other classes rise by: both gradients point uphill for the attacker.
    const costs = all.map((g, i) => -way * g - (gains[i] as number));
    const pair = bestPair(gains, costs, (i) => point[i] !== end);
    if (pair === undefined) return;
    for (const i of pair) point[i] = Math.min(1, Math.max(0, (point[i] as number) + theta));
  }
  yield { point };
}

/**
 * The two entries with the largest −(gᵢ + gⱼ)(cᵢ + cⱼ), the first sum above 0 and the second below. An entry that two
 * others beat in both is in no best pair, so that few are left to try.
 */
export function bestPair(
  gains: Float32Array,
  costs: Float32Array,
  allowed: (i: number) => boolean,
): [number, number] | undefined {
  const order = Uint32Array.from(gains.keys())
    .filter(allowed)
    .toSorted((a, b) => (gains[b] as number) - (gains[a] as number) || a - b);
  const tried: number[] = [];
  let [least, second] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const i of order) {
    const cost = costs[i] as number;
    if (cost >= second) continue;
    tried.push(i);
    if (cost < least) [least, second] = [cost, least];
    else second = cost;
  }
  let best: [number, number] | undefined;
  let highest = 0;
  for (const [at, i] of tried.entries())
    for (const j of tried.slice(at + 1)) {
      const gain = (gains[i] as number) + (gains[j] as number);
      const cost = (costs[i] as number) + (costs[j] as number);
      if (!(gain > 0 && cost < 0 && -gain * cost > highest)) continue;
      highest = -gain * cost;
      best = [i, j];
    }
  return best;
}
