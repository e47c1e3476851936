import { elementwise } from '../broadcast.ts';

export const and = elementwise('And', [2, 2], { result: 'bool' });
