import { add, mul } from '../emit.ts';
import { unary } from '../unary.ts';

/** 1 + y². */
export const tan = unary('Tan', ({ b, y, one }) => add(b, one, mul(b, y, y)));
