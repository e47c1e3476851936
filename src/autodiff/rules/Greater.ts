import { zeroGradient } from '../rule.ts';

export const greater = zeroGradient('Greater', 'its output is boolean');
