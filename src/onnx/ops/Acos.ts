import { sameAsInput } from '../op.ts';

export const acos = sameAsInput('Acos');
