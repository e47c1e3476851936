import { sameAsInput } from '../op.ts';

export const cosh = sameAsInput('Cosh');
