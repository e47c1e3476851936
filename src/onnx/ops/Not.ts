import { sameAsInput } from '../op.ts';

export const not = sameAsInput('Not');
