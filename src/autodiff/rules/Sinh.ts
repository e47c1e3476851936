import { unary } from '../unary.ts';

/** cosh(x). */
export const sinh = unary('Sinh', ({ b, x }) => b.op('Cosh', [x]), { since: 9 });
