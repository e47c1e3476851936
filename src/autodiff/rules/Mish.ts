import { add, mul, sub } from '../emit.ts';
import { unary } from '../unary.ts';

/**
 * y = x t with t = tanh(s), s = softplus(x): t + x (1 − t²) exp(x − s). The last factor is sigmoid(x), of which the
 * runtime's own operator knows 24 bits after the point and so nothing of the slope far below 0.
 */
export const mish = unary(
  'Mish',
  ({ b, x, one }) => {
    const s = b.op('Softplus', [x]);
    const t = b.op('Tanh', [s]);
    const sigmoid = b.op('Exp', [sub(b, x, s)]);
    return add(b, t, mul(b, x, mul(b, sub(b, one, mul(b, t, t)), sigmoid)));
  },
  { since: 18 },
);
