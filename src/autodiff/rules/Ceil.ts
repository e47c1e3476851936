import { zeroGradient } from '../rule.ts';

export const ceil = zeroGradient('Ceil', 'piecewise constant');
