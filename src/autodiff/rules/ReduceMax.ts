import { extremeRule } from '../reduction.ts';

export const reduceMax = extremeRule('ReduceMax');
