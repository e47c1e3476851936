import { scale } from '../emit.ts';
import { defineRule } from '../rule.ts';

/** Each of n inputs receives dy / n. */
export const mean = defineRule({
  op: 'Mean',
  inputs: ['data...'],
  backward: ({ b, x, dy }) => {
    const share = scale(b, dy[0] as string, 1 / x.length);
    return x.map(() => share);
  },
});
