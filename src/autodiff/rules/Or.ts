import { zeroGradient } from '../rule.ts';

export const or = zeroGradient('Or', 'its output is boolean');
