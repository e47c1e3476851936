import { zeroGradient } from '../rule.ts';

export const argMin = zeroGradient('ArgMin', 'an index is an integer');
