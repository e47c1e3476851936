import { sameAsInput } from '../op.ts';

export const lpNormalization = sameAsInput('LpNormalization');
