import { sameAsInput } from '../op.ts';

export const gelu = sameAsInput('Gelu');
