import { reshapeLike } from '../emit.ts';
import { defineRule } from '../rule.ts';

/** Each value takes the gradient at the index to which it was written. */
export const maxUnpool = defineRule({
  op: 'MaxUnpool',
  since: 9,
  remarks: 'the indices count as constants',
  backward: ({ b, x, dy }) => {
    const flat = b.ints([-1]);
    const values = b.op('Reshape', [dy[0], flat]);
    const at = b.op('Reshape', [x[1], flat]);
    return [reshapeLike(b, b.op('Gather', [values, at], { axis: 0 }), x[0] as string)];
  },
});
