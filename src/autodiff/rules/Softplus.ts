import { unary } from '../unary.ts';

/** sigmoid(x). */
export const softplus = unary('Softplus', ({ b, x }) => b.op('Sigmoid', [x]));
