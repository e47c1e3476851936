import { extremeRule } from '../reduction.ts';

export const reduceMin = extremeRule('ReduceMin');
