import { zeroGradient } from '../rule.ts';

export const eyeLike = zeroGradient('EyeLike', 'a constant in the shape of its input', { since: 9 });
