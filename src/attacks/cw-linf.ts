import { margin } from '../models/index.ts';
import { distance } from '../tensor/index.ts';
import { boxed } from './boxed.ts';
import type { Search } from './constants.ts';
import type { Plan } from './cw-l2.ts';
import type { Descent, Slope } from './descents.ts';

/** The constant above which nothing is tried. */
const largest = 20;

const objective = margin();

/**
 * Σ max(0, |x' − x| − τ) + c·max(0, κ − margin), where τ is a share of what the success before it needed, from which it
 * goes on. The constant doubles until the loss is as good as nothing.
 */
export function* underThreshold(slope: Slope, plan: Plan & { shrink: number; smallest: number }): Descent {
  let from = slope.start;
  let [threshold, constant] = [1, plan.firstConstant];
  while (threshold > plan.smallest) {
    const found = yield* pressed(slope, { ...plan, from, threshold, constant });
    if (found === undefined) return;
    from = found.point;
    constant = found.constant;
    threshold = plan.shrink * Math.min(threshold, distance(from, slope.clean, 'linf', 1));
  }
}

interface Press extends Plan {
  readonly from: Float32Array;
  readonly threshold: number;
  readonly constant: number;
}

/** A point that fools the model with all changes under the threshold, and the constant that led there. */
function* pressed(
  { clean }: Slope,
  { from, threshold, steps, rate, confidence, box, ...plan }: Press,
): Search<{ point: Float32Array; constant: number } | undefined> {
  const gradient = new Float32Array(clean.length);
  for (let { constant } = plan; constant < largest; constant *= 2) {
    const image = boxed(from, box);
    for (let step = 0; step < steps; step++) {
      const told = yield { point: image.point, objective };
      const short = confidence - told.margin;
      const factor = short > 0 ? constant : 0;
      let over = 0;
      for (let i = 0; i < gradient.length; i++) {
        const change = (image.point[i] as number) - (clean[i] as number);
        const beyond = Math.abs(change) - threshold;
        if (beyond > 0) over += beyond;
        gradient[i] = (beyond > 0 ? Math.sign(change) : 0) - factor * (told.gradient[i] as number);
      }
      const done = over + factor * short < 1e-4 * constant && (plan.abort || step === steps - 1);
      if (done && told.fooled) return { point: told.point.slice(), constant };
      image.step(gradient, rate);
    }
  }
  return undefined;
}
