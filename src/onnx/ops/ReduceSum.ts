import { reduction } from '../reduction.ts';

export const reduceSum = reduction('ReduceSum');
