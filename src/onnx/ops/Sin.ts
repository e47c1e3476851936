import { sameAsInput } from '../op.ts';

export const sin = sameAsInput('Sin');
