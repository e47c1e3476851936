import { reduction } from '../reduction.ts';

export const reduceLogSum = reduction('ReduceLogSum');
