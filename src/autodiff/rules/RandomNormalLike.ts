import { zeroGradient } from '../rule.ts';

export const randomNormalLike = zeroGradient('RandomNormalLike', 'only the shape of the input is used');
