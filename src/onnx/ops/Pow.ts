import { elementwise } from '../broadcast.ts';

export const pow = elementwise('Pow', [2, 2]);
