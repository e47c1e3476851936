import { intAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';
import { dtypeOf } from '../types.ts';

/** Integers, scale and zero point to real values of the scale's type. */
export const dequantizeLinear = defineOp({
  op: 'DequantizeLinear',
  inputs: [2, 3],
  infer: (c) => {
    const stated = intAttribute(c.node, 'output_dtype', 0);
    const dtype = stated === 0 ? c.dtype(1) : dtypeOf(stated);
    return [dtype === undefined ? undefined : { dtype, shape: c.shape(0) }];
  },
});
