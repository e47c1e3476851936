import { zeroGradient } from '../rule.ts';

export const bernoulli = zeroGradient('Bernoulli', 'a random draw is not differentiable', { since: 15 });
