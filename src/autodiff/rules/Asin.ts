import { div, mul, sub } from '../emit.ts';
import { unary } from '../unary.ts';

/** 1 / √(1 − x²). */
export const asin = unary('Asin', ({ b, x, one }) => div(b, one, b.op('Sqrt', [sub(b, one, mul(b, x, x))])));
