import { sameAsInput } from '../op.ts';

export const hardmax = sameAsInput('Hardmax');
