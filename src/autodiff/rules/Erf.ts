import { mul, neg, scale } from '../emit.ts';
import { unary } from '../unary.ts';

/** 2/√π · exp(−x²). */
export const erf = unary(
  'Erf',
  ({ b, x }) => scale(b, b.op('Exp', [neg(b, mul(b, x, x))]), 2 / Math.sqrt(Math.PI)),
  { since: 9 },
);
