import { sameAsInput } from '../op.ts';

export const tan = sameAsInput('Tan');
