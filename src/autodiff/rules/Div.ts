import { mul, neg, div as quotient } from '../emit.ts';
import { defineRule } from '../rule.ts';

/** d(a/b) = da/b − (a/b)·db/b. */
export const div = defineRule({
  op: 'Div',
  inputs: ['A', 'B'],
  backward: ({ b, x, y, dy, needs }) => {
    const share = quotient(b, dy[0] as string, x[1] as string);
    return [share, needs(1) ? neg(b, mul(b, share, y[0] as string)) : undefined];
  },
});
