import { concrete } from '../dims.ts';
import { intAttribute, intsAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';
import { pooledShape } from '../window.ts';

/** x [N, C, ...], weight [O, C/group, ...kernel], bias [O] to [N, O, ...]. */
export const conv = defineOp({
  op: 'Conv',
  inputs: [2, 3],
  infer: (c) => {
    const x = c.shape(0);
    const w = c.shape(1);
    const group = intAttribute(c.node, 'group', 1);
    const channels = x?.[1];
    const perGroup = w?.[1];
    if (typeof channels === 'number' && typeof perGroup === 'number' && channels !== perGroup * group)
      throw new Error(`${channels} input channels do not fit a weight for ${perGroup} in ${group} groups`);
    const kernel = concrete(w?.slice(2)) ?? intsAttribute(c.node, 'kernel_shape');
    return [{ dtype: c.dtype(0), shape: pooledShape(c.node, x, kernel, w?.[0], () => c.fresh()) }];
  },
});
