import { multiplyDims } from '../dims.ts';
import { intAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';

export const flatten = defineOp({
  op: 'Flatten',
  inputs: [1, 1],
  infer: (c) => {
    const shape = c.shape(0);
    if (shape === undefined) return [{ dtype: c.dtype(0), shape: [c.fresh(), c.fresh()] }];
    const axis = intAttribute(c.node, 'axis', 1);
    const at = axis < 0 ? axis + shape.length : axis;
    if (at < 0 || at > shape.length) throw new Error(`axis ${axis} is outside rank ${shape.length}`);
    return [{ dtype: c.dtype(0), shape: [multiplyDims(shape.slice(0, at)), multiplyDims(shape.slice(at))] }];
  },
  contents: (c) => c.contents(0),
});
