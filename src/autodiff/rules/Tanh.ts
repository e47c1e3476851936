import { mul, sub } from '../emit.ts';
import { unary } from '../unary.ts';

/** 1 − y². */
export const tanh = unary('Tanh', ({ b, y, one }) => sub(b, one, mul(b, y, y)));
