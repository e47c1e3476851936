import { sameAsInput } from '../op.ts';

export const softsign = sameAsInput('Softsign');
