import { concrete } from '../dims.ts';
import type { Dim } from '../graph.ts';
import { intsAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';
import { transposeGeometry } from '../transpose-window.ts';

/** Pooled values, their indices, the output's shape where the windows do not say it. */
export const maxUnpool = defineOp({
  op: 'MaxUnpool',
  inputs: [2, 3],
  infer: (c) => {
    const x = c.shape(0);
    if (x === undefined) return [{ dtype: c.dtype(0), shape: undefined }];
    if ((c.node.inputs[2] ?? '') !== '')
      return [{ dtype: c.dtype(0), shape: c.contents(2) ?? x.map(() => c.fresh()) }];
    const kernel = intsAttribute(c.node, 'kernel_shape');
    const sizes = concrete(x.slice(2));
    const spatial: readonly Dim[] =
      kernel === undefined || sizes === undefined
        ? x.slice(2).map(() => c.fresh())
        : transposeGeometry(c.node, kernel, sizes).output;
    return [{ dtype: c.dtype(0), shape: [...x.slice(0, 2), ...spatial] }];
  },
});
