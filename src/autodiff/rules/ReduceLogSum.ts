import { mul, neg } from '../emit.ts';
import { reductionRule } from '../reduction.ts';

/** dx = dy / Σx. */
export const reduceLogSum = reductionRule('ReduceLogSum', ({ b, y, dy }) =>
  mul(b, dy, b.op('Exp', [neg(b, y)])),
);
