import { intAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';
import { dtypeOf } from '../types.ts';

/** x, scale and zero point (a scalar, one per slice of an axis, or one per block) to integers. */
export const quantizeLinear = defineOp({
  op: 'QuantizeLinear',
  inputs: [2, 3],
  infer: (c) => {
    const stated = intAttribute(c.node, 'output_dtype', 0);
    const dtype = c.type(2)?.dtype ?? (stated === 0 ? 'uint8' : dtypeOf(stated));
    return [dtype === undefined ? undefined : { dtype, shape: c.shape(0) }];
  },
});
