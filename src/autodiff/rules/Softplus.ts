import { sub } from '../emit.ts';
import { unary } from '../unary.ts';

/** sigmoid(x) as exp(x − y): the runtime's Sigmoid knows 24 bits after the point, and nothing of e⁻²⁰. */
export const softplus = unary('Softplus', ({ b, x, y }) => b.op('Exp', [sub(b, x, y)]));
