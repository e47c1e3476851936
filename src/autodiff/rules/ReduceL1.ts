import { mul } from '../emit.ts';
import { reductionRule } from '../reduction.ts';

/** dx = dy · sign(x). */
export const reduceL1 = reductionRule('ReduceL1', ({ b, x, dy }) => mul(b, b.op('Sign', [x]), dy), {
  remarks: '0 at 0',
});
