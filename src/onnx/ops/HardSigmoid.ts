import { sameAsInput } from '../op.ts';

export const hardSigmoid = sameAsInput('HardSigmoid');
