import { sameAsInput } from '../op.ts';

export const relu = sameAsInput('Relu');
