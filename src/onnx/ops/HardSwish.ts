import { sameAsInput } from '../op.ts';

export const hardSwish = sameAsInput('HardSwish');
