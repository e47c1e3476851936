import { perElement, reductionRule } from '../reduction.ts';

/** dx = dy / n. */
export const reduceMean = reductionRule('ReduceMean', perElement);
