import { mul } from '../emit.ts';
import { reductionRule, safeDiv } from '../reduction.ts';

/** dx = dy · x / y, 0 at the origin. */
export const reduceL2 = reductionRule('ReduceL2', ({ b, x, y, dy }) => mul(b, x, safeDiv(b, dy, y)), {
  remarks: '0 at the origin',
});
