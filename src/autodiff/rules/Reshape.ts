import { reshapeLike } from '../emit.ts';
import { defineRule } from '../rule.ts';

/** The same elements in the shape of x. */
export const reshape = defineRule({
  op: 'Reshape',
  backward: ({ b, x, dy }) => [reshapeLike(b, dy[0] as string, x[0] as string)],
});
