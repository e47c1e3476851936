import { unary } from '../unary.ts';

/** The function itself. */
export const exp = unary('Exp', ({ y }) => y);
