import { intAttribute } from '../graph.ts';
import { defineOp, normalizeAxis } from '../op.ts';

export const compress = defineOp({
  op: 'Compress',
  inputs: [2, 2],
  infer: (c) => {
    const dtype = c.dtype(0);
    const mask = c.constant(1);
    const kept = mask?.dtype === 'bool' ? mask.data.reduce((a, v) => a + v, 0) : c.fresh();
    if (c.node.attributes['axis'] === undefined) return [{ dtype, shape: [kept] }];
    const shape = c.shape(0);
    if (shape === undefined) return [{ dtype, shape: undefined }];
    return [{ dtype, shape: shape.with(normalizeAxis(intAttribute(c.node, 'axis', 0), shape.length), kept) }];
  },
});
