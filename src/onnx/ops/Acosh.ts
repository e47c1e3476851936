import { sameAsInput } from '../op.ts';

export const acosh = sameAsInput('Acosh');
