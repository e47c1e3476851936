import { sameAsInput } from '../op.ts';

export const selu = sameAsInput('Selu');
