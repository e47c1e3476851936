import { add, div, mul } from '../emit.ts';
import { unary } from '../unary.ts';

/** 1 / (1 + x²). */
export const atan = unary('Atan', ({ b, x, one }) => div(b, one, add(b, one, mul(b, x, x))));
