import { sameAsInput } from '../op.ts';

export const softmax = sameAsInput('Softmax');
