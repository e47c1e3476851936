import { neg } from '../emit.ts';
import { unary } from '../unary.ts';

/** −sin(x). */
export const cos = unary('Cos', ({ b, x }) => neg(b, b.op('Sin', [x])));
