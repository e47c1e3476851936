import { elementwise } from '../broadcast.ts';

export const greater = elementwise('Greater', [2, 2], { result: 'bool' });
