import { elementwise } from '../broadcast.ts';

export const bitShift = elementwise('BitShift', [2, 2]);
