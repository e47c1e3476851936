import { zeroGradient } from '../rule.ts';

export const xor = zeroGradient('Xor', 'its output is boolean');
