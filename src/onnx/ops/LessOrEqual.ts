import { elementwise } from '../broadcast.ts';

export const lessOrEqual = elementwise('LessOrEqual', [2, 2], { result: 'bool' });
