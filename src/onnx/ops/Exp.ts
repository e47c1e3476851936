import { sameAsInput } from '../op.ts';

export const exp = sameAsInput('Exp');
