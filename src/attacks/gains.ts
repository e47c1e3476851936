import type { Tensor } from '../tensor/index.ts';
import type { Goal } from './define.ts';
import { attackMargins } from './track.ts';

/**
 * What the attacker wants to be high. In place of the cross-entropy log(1 + e^d) it takes ±d, d the log-sum-exp of
 * the other logits minus the goal's: the same order, and never rounded to 0 on sure images.
 */
export function gains(logits: Tensor, goal: Goal, loss: 'margin' | 'cross-entropy'): Float64Array {
  if (loss === 'margin') return attackMargins(logits, goal);
  const classes = logits.shape[1] ?? 0;
  return attackMargins(logits, goal).map((margin, row) => {
    const own = goal.classes[row] as number;
    const z = logits.data.subarray(row * classes, (row + 1) * classes);
    const towards = goal.kind === 'targeted';
    const largest = (z[own] as number) + (towards ? -margin : margin);
    let sum = 0;
    for (let k = 0; k < classes; k++) if (k !== own) sum += Math.exp((z[k] as number) - largest);
    return margin + (towards ? -Math.log(sum) : Math.log(sum));
  });
}
