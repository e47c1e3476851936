import { elementwise } from '../broadcast.ts';
import { multiplyDims } from '../dims.ts';

export const mul = elementwise('Mul', [2, 2], { integers: (a, b) => multiplyDims([a, b]) });
