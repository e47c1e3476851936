import { intsAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';
import { pooledShape } from '../window.ts';

/** x [N, C, ...] to [N, C, ...windows], and the flat index over the whole of x of each maximum. */
export const maxPool = defineOp({
  op: 'MaxPool',
  inputs: [1, 1],
  infer: (c) => {
    const x = c.shape(0);
    const shape = pooledShape(c.node, x, intsAttribute(c.node, 'kernel_shape'), x?.[1], () => c.fresh());
    return [
      { dtype: c.dtype(0), shape },
      { dtype: 'int64', shape },
    ];
  },
});
