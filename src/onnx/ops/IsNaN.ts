import { elementwise } from '../broadcast.ts';

export const isNaN = elementwise('IsNaN', [1, 1], { result: 'bool' });
