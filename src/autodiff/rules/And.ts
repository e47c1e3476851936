import { zeroGradient } from '../rule.ts';

export const and = zeroGradient('And', 'its output is boolean');
