import { zeroGradient } from '../rule.ts';

export const shape = zeroGradient('Shape', 'a shape does not depend on the values');
