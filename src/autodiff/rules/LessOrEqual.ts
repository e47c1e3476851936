import { zeroGradient } from '../rule.ts';

export const lessOrEqual = zeroGradient('LessOrEqual', 'its output is boolean', { since: 12 });
