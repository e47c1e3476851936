import { sameAsInput } from '../op.ts';

export const sqrt = sameAsInput('Sqrt');
