import { intAttribute } from '../graph.ts';
import { defineOp, normalizeAxis } from '../op.ts';
import { integerAt } from '../parameters.ts';

export const oneHot = defineOp({
  op: 'OneHot',
  inputs: [3, 3],
  infer: (c) => {
    const shape = c.shape(0);
    if (shape === undefined) return [{ dtype: c.dtype(2), shape: undefined }];
    const axis = normalizeAxis(intAttribute(c.node, 'axis', -1), shape.length + 1);
    const depth = integerAt(c, 1) ?? c.fresh();
    // A depth may be of a float type: the runtime cuts its fraction off.
    const size = typeof depth === 'number' ? Math.trunc(depth) : depth;
    return [{ dtype: c.dtype(2), shape: shape.toSpliced(axis, 0, size) }];
  },
});
