import { zeroGradient } from '../rule.ts';

export const less = zeroGradient('Less', 'its output is boolean');
