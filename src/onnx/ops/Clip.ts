import { sameAsInput } from '../op.ts';

export const clip = sameAsInput('Clip', [1, 3]);
