import { sameAsInput } from '../op.ts';

export const logSoftmax = sameAsInput('LogSoftmax');
