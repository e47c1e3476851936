import { add, div, mul } from '../emit.ts';
import { unary } from '../unary.ts';

/** 1 / (1 + |x|)². */
export const softsign = unary('Softsign', ({ b, x, one }) => {
  const size = add(b, one, b.op('Abs', [x]));
  return div(b, one, mul(b, size, size));
});
