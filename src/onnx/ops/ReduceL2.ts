import { reduction } from '../reduction.ts';

export const reduceL2 = reduction('ReduceL2');
