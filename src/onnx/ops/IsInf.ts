import { elementwise } from '../broadcast.ts';

export const isInf = elementwise('IsInf', [1, 1], { result: 'bool' });
