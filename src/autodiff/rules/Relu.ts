import { mul } from '../emit.ts';
import { defineRule } from '../rule.ts';
import { positive } from '../step.ts';

/** dx = dy where y > 0, else 0: from the output, so that the runtime may fuse Relu into what is before it. */
export const relu = defineRule({
  op: 'Relu',
  backward: ({ b, y, dy }) => [mul(b, dy[0] as string, positive(b, y[0] as string))],
});
