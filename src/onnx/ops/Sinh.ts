import { sameAsInput } from '../op.ts';

export const sinh = sameAsInput('Sinh');
