import { div, mul, sub } from '../emit.ts';
import { unary } from '../unary.ts';

/** 1 / (1 − x²). */
export const atanh = unary('Atanh', ({ b, x, one }) => div(b, one, sub(b, one, mul(b, x, x))), { since: 9 });
