import { sameAsInput } from '../op.ts';

export const swish = sameAsInput('Swish');
