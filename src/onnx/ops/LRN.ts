import { sameAsInput } from '../op.ts';

export const lrn = sameAsInput('LRN');
