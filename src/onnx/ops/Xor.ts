import { elementwise } from '../broadcast.ts';

export const xor = elementwise('Xor', [2, 2], { result: 'bool' });
