import { intsAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';

export const transpose = defineOp({
  op: 'Transpose',
  inputs: [1, 1],
  infer: (c) => {
    const shape = c.shape(0);
    const order = intsAttribute(c.node, 'perm');
    if (shape === undefined) return [{ dtype: c.dtype(0), shape: order?.map(() => c.fresh()) }];
    if (order === undefined) return [{ dtype: c.dtype(0), shape: shape.toReversed() }];
    if (order.length !== shape.length)
      throw new Error(`perm [${order.join(', ')}] does not fit rank ${shape.length}`);
    return [
      {
        dtype: c.dtype(0),
        shape: order.map((i) => {
          const d = shape[i];
          if (d === undefined)
            throw new Error(`perm [${order.join(', ')}] does not fit rank ${shape.length}`);
          return d;
        }),
      },
    ];
  },
});
