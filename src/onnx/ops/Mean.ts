import { elementwise } from '../broadcast.ts';

export const mean = elementwise('Mean', [1, Number.POSITIVE_INFINITY]);
