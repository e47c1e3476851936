import { unary } from '../unary.ts';

/** sinh(x). */
export const cosh = unary('Cosh', ({ b, x }) => b.op('Sinh', [x]), { since: 9 });
