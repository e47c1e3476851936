import { sameAsInput } from '../op.ts';

export const tanh = sameAsInput('Tanh');
