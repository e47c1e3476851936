import { sameAsInput } from '../op.ts';

export const round = sameAsInput('Round');
