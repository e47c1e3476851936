import { zeroGradient } from '../rule.ts';

export const nonZero = zeroGradient('NonZero', 'an index is an integer', { since: 9 });
