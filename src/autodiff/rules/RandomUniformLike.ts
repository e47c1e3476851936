import { zeroGradient } from '../rule.ts';

export const randomUniformLike = zeroGradient('RandomUniformLike', 'only the shape of the input is used');
