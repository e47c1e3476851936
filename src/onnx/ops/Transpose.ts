import { concrete } from '../dims.ts';
import { intsAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';
import { rearranged } from '../parameters.ts';

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
  contents: (c) => {
    const whole = c.contents(0);
    const shape = concrete(c.shape(0));
    if (whole === undefined || shape === undefined) return undefined;
    const order = intsAttribute(c.node, 'perm') ?? shape.map((_, i) => shape.length - 1 - i);
    const target = order.map((a) => shape[a] as number);
    return rearranged(whole, shape, target, (index) =>
      shape.map((_, a) => index[order.indexOf(a)] as number),
    );
  },
});
