import { zeroGradient } from '../rule.ts';

export const floor = zeroGradient('Floor', 'piecewise constant');
