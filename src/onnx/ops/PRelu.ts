import { sameAsInput } from '../op.ts';

export const pRelu = sameAsInput('PRelu', [2, 2]);
