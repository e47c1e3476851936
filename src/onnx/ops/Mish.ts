import { sameAsInput } from '../op.ts';

export const mish = sameAsInput('Mish');
