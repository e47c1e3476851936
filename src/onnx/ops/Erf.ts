import { sameAsInput } from '../op.ts';

export const erf = sameAsInput('Erf');
