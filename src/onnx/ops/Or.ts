import { elementwise } from '../broadcast.ts';

export const or = elementwise('Or', [2, 2], { result: 'bool' });
