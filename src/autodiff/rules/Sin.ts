import { unary } from '../unary.ts';

/** cos(x). */
export const sin = unary('Sin', ({ b, x }) => b.op('Cos', [x]));
