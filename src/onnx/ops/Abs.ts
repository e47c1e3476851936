import { sameAsInput } from '../op.ts';

export const abs = sameAsInput('Abs');
