import { mul, sub } from '../emit.ts';
import { reductionRule } from '../reduction.ts';

/** dx = dy · exp(x − y): no sum is formed, so that nothing overflows. */
export const reduceLogSumExp = reductionRule('ReduceLogSumExp', ({ b, x, y, dy }) =>
  mul(b, dy, b.op('Exp', [sub(b, x, y)])),
);
