import { sameAsInput } from '../op.ts';

export const scatterND = sameAsInput('ScatterND', [3, 3]);
