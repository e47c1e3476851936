import { add, div, mul } from '../emit.ts';
import { unary } from '../unary.ts';

/** 1 / √(x² + 1). */
export const asinh = unary(
  'Asinh',
  ({ b, x, one }) => div(b, one, b.op('Sqrt', [add(b, mul(b, x, x), one)])),
  { since: 9 },
);
