import { zeroGradient } from '../rule.ts';

export const size = zeroGradient('Size', 'a size does not depend on the values');
