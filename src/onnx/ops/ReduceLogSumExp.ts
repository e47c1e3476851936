import { reduction } from '../reduction.ts';

export const reduceLogSumExp = reduction('ReduceLogSumExp');
