import { reduction } from '../reduction.ts';

export const reduceMax = reduction('ReduceMax');
