import { intAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';
import { dtypeOf } from '../types.ts';

export const randomUniformLike = defineOp({
  op: 'RandomUniformLike',
  inputs: [1, 1],
  infer: (c) => [{ dtype: dtypeOf(intAttribute(c.node, 'dtype', 0)) ?? c.dtype(0), shape: c.shape(0) }],
});
