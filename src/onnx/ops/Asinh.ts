import { sameAsInput } from '../op.ts';

export const asinh = sameAsInput('Asinh');
