import { zeroGradient } from '../rule.ts';

export const argMax = zeroGradient('ArgMax', 'an index is an integer');
