import { zeroGradient } from '../rule.ts';

export const equal = zeroGradient('Equal', 'its output is boolean');
