import { sameAsInput } from '../op.ts';

export const trilu = sameAsInput('Trilu', [1, 2]);
