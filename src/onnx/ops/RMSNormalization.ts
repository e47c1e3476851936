import { sameAsInput } from '../op.ts';

export const rmsNormalization = sameAsInput('RMSNormalization', [2, 2]);
