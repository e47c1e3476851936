import { zeroGradient } from '../rule.ts';

export const hardmax = zeroGradient('Hardmax', 'piecewise constant');
