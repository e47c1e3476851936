import { zeroGradient } from '../rule.ts';

export const isNaN = zeroGradient('IsNaN', 'its output is boolean', { since: 9 });
