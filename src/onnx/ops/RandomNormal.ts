import { intAttribute, intsAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';
import { dtypeOf } from '../types.ts';

export const randomNormal = defineOp({
  op: 'RandomNormal',
  inputs: [0, 0],
  infer: (c) => [
    { dtype: dtypeOf(intAttribute(c.node, 'dtype', 1)) ?? 'float32', shape: intsAttribute(c.node, 'shape') },
  ],
});
