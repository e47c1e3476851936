import { sameAsInput } from '../op.ts';

export const sigmoid = sameAsInput('Sigmoid');
