import { elementwise } from '../broadcast.ts';

export const greaterOrEqual = elementwise('GreaterOrEqual', [2, 2], { result: 'bool' });
