import { sameAsInput } from '../op.ts';

export const instanceNormalization = sameAsInput('InstanceNormalization', [3, 3]);
