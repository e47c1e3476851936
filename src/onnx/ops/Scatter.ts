import { sameAsInput } from '../op.ts';

export const scatter = sameAsInput('Scatter', [3, 3]);
