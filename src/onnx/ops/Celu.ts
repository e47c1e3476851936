import { sameAsInput } from '../op.ts';

export const celu = sameAsInput('Celu');
