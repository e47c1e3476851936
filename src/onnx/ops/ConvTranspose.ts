import { concrete } from '../dims.ts';
import type { Dim } from '../graph.ts';
import { intAttribute, intsAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';
import { transposeGeometry } from '../transpose-window.ts';

/** x [N, C, ...], weight [C, O/group, ...kernel], bias [O] to [N, O, ...]. */
export const convTranspose = defineOp({
  op: 'ConvTranspose',
  inputs: [2, 3],
  infer: (c) => {
    const x = c.shape(0);
    const w = c.shape(1);
    if (x === undefined) return [{ dtype: c.dtype(0), shape: undefined }];
    const kernel = concrete(w?.slice(2)) ?? intsAttribute(c.node, 'kernel_shape');
    const sizes = concrete(x.slice(2));
    const spatial: readonly Dim[] =
      kernel === undefined || sizes === undefined
        ? x.slice(2).map(() => c.fresh())
        : transposeGeometry(c.node, kernel, sizes).output;
    const perGroup = w?.[1];
    const channels = typeof perGroup === 'number' ? perGroup * intAttribute(c.node, 'group', 1) : c.fresh();
    return [{ dtype: c.dtype(0), shape: [x[0] as Dim, channels, ...spatial] }];
  },
});
