import { mul, neg } from '../emit.ts';
import { unary } from '../unary.ts';

/** −y². */
export const reciprocal = unary('Reciprocal', ({ b, y }) => neg(b, mul(b, y, y)));
