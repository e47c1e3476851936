import { zeroGradient } from '../rule.ts';

export const round = zeroGradient('Round', 'piecewise constant', { since: 11 });
