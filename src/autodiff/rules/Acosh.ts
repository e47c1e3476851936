import { div, mul, sub } from '../emit.ts';
import { unary } from '../unary.ts';

/** 1 / √(x² − 1). */
export const acosh = unary(
  'Acosh',
  ({ b, x, one }) => div(b, one, b.op('Sqrt', [sub(b, mul(b, x, x), one)])),
  { since: 9 },
);
