import { reductionRule } from '../reduction.ts';

/** dx = dy. */
export const reduceSum = reductionRule('ReduceSum', ({ dy }) => dy);
