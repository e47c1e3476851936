import { zeroGradient } from '../rule.ts';

export const sign = zeroGradient('Sign', 'piecewise constant', { since: 9 });
