import { sameAsInput } from '../op.ts';

export const leakyRelu = sameAsInput('LeakyRelu');
