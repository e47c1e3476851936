import { zeroGradient } from '../rule.ts';

export const not = zeroGradient('Not', 'its output is boolean');
