import { unary } from '../unary.ts';

/** sign(x), 0 at 0. */
export const abs = unary('Abs', ({ b, x }) => b.op('Sign', [x]), { remarks: '0 at 0' });
