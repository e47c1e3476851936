import { sameAsInput } from '../op.ts';

export const sign = sameAsInput('Sign');
