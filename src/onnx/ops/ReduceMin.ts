import { reduction } from '../reduction.ts';

export const reduceMin = reduction('ReduceMin');
