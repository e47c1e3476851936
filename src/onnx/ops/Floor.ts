import { sameAsInput } from '../op.ts';

export const floor = sameAsInput('Floor');
