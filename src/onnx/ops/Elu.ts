import { sameAsInput } from '../op.ts';

export const elu = sameAsInput('Elu');
