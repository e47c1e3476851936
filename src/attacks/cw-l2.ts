import { margin } from '../models/index.ts';
import { boxed } from './boxed.ts';
import { bisectedConstant } from './constants.ts';
import type { Descent, Slope } from './descents.ts';

export interface Plan {
  readonly steps: number;
  readonly searches: number;
  readonly rate: number;
  readonly firstConstant: number;
  readonly confidence: number;
  readonly box: 'tanh' | 'projection';
  readonly abort: boolean;
}

const objective = margin();

/** ‖x' − x‖² + c·max(0, κ − margin) for constants c between the smallest that fooled and the largest that did not. */
export function* searched(slope: Slope, plan: Plan): Descent {
  const { start, clean } = slope;
  const gradient = new Float32Array(clean.length);
  // Pixels at the ends of their range take long to leave them: where all are there, nothing has stalled before.
  const shut = clean.every((c) => c < 1e-3 || c > 1 - 1e-3);
  yield* bisectedConstant(plan, function* (constant) {
    const image = boxed(start, plan.box);
    let [found, before] = [false, Number.POSITIVE_INFINITY];
    for (let step = 0; step < plan.steps; step++) {
      const told = yield { point: image.point, objective };
      if (told.fooled) found = true;
      const short = plan.confidence - told.margin;
      const factor = short > 0 ? constant : 0;
      let [square, largest] = [0, 0];
      for (let i = 0; i < gradient.length; i++) {
        const change = (image.point[i] as number) - (clean[i] as number);
        square += change * change;
        largest = Math.max(largest, Math.abs(change));
        gradient[i] = 2 * change - factor * (told.gradient[i] as number);
      }
      const loss = square + factor * short;
      const left = !shut || largest > 1e-4;
      if (plan.abort && left && step % Math.ceil(plan.steps / 10) === 0) {
        if (loss > 0.9999 * before) break;
        before = loss;
      }
      image.step(gradient, plan.rate);
    }
    return found;
  });
}
