import { add, mul, sub } from '../emit.ts';
import { unary } from '../unary.ts';

/** y = x t with t = tanh(softplus(x)): t + x (1 − t²) sigmoid(x). */
export const mish = unary(
  'Mish',
  ({ b, x, one }) => {
    const t = b.op('Tanh', [b.op('Softplus', [x])]);
    return add(b, t, mul(b, x, mul(b, sub(b, one, mul(b, t, t)), b.op('Sigmoid', [x]))));
  },
  { since: 18 },
);
