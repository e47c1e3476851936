import { sameAsInput } from '../op.ts';

export const reciprocal = sameAsInput('Reciprocal');
