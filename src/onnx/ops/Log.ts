import { sameAsInput } from '../op.ts';

export const log = sameAsInput('Log');
