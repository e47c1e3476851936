import { sameAsInput } from '../op.ts';

export const atanh = sameAsInput('Atanh');
