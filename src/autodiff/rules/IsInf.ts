import { zeroGradient } from '../rule.ts';

export const isInf = zeroGradient('IsInf', 'its output is boolean', { since: 10 });
