import { sameAsInput } from '../op.ts';

export const shrink = sameAsInput('Shrink');
