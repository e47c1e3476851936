import { unary } from '../unary.ts';

/** 1 / x. */
export const log = unary('Log', ({ b, x }) => b.op('Reciprocal', [x]));
