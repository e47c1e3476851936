import { sameAsInput } from '../op.ts';

export const atan = sameAsInput('Atan');
