import { sameAsInput } from '../op.ts';

export const scatterElements = sameAsInput('ScatterElements', [3, 3]);
