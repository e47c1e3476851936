import { mul, scale } from '../emit.ts';
import { reductionRule } from '../reduction.ts';

/** dx = 2 x dy. */
export const reduceSumSquare = reductionRule('ReduceSumSquare', ({ b, x, dy }) => mul(b, x, scale(b, dy, 2)));
