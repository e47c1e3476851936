import { sameAsInput } from '../op.ts';

export const cos = sameAsInput('Cos');
