import { sameAsInput } from '../op.ts';

export const reverseSequence = sameAsInput('ReverseSequence', [2, 2]);
