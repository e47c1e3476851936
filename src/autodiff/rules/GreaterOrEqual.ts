import { zeroGradient } from '../rule.ts';

export const greaterOrEqual = zeroGradient('GreaterOrEqual', 'its output is boolean', { since: 12 });
