import { zeroGradient } from '../rule.ts';

export const bitShift = zeroGradient('BitShift', 'its output is of an integer type', { since: 11 });
