import { intsAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';
import { pooledShape } from '../window.ts';

/** x [N, C, ...] to [N, C, ...windows]. */
export const lpPool = defineOp({
  op: 'LpPool',
  inputs: [1, 1],
  infer: (c) => {
    const x = c.shape(0);
    const shape = pooledShape(c.node, x, intsAttribute(c.node, 'kernel_shape'), x?.[1], () => c.fresh());
    return [{ dtype: c.dtype(0), shape }];
  },
});
