import { sameAsInput } from '../op.ts';

export const groupNormalization = sameAsInput('GroupNormalization', [3, 3]);
