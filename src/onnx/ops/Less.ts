import { elementwise } from '../broadcast.ts';

export const less = elementwise('Less', [2, 2], { result: 'bool' });
