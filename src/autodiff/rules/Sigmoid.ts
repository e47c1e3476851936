import { mul, sub } from '../emit.ts';
import { defineRule } from '../rule.ts';

/** dx = dy · y (1 − y). */
export const sigmoid = defineRule({
  op: 'Sigmoid',
  backward: ({ b, y, dy }) => {
    const out = y[0] as string;
    return [mul(b, dy[0] as string, mul(b, out, sub(b, b.scalar(1, b.dtype(out)), out)))];
  },
});
