import { zeroGradient } from '../rule.ts';

export const multinomial = zeroGradient('Multinomial', 'a random draw is not differentiable');
