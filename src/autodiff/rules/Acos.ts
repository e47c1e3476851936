import { div, mul, neg, sub } from '../emit.ts';
import { unary } from '../unary.ts';

/** −1 / √(1 − x²). */
export const acos = unary('Acos', ({ b, x, one }) =>
  neg(b, div(b, one, b.op('Sqrt', [sub(b, one, mul(b, x, x))]))),
);
