import { reduction } from '../reduction.ts';

export const reduceL1 = reduction('ReduceL1');
