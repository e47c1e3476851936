import { sameAsInput } from '../op.ts';

export const ceil = sameAsInput('Ceil');
