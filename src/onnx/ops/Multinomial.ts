import { intAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';
import { dtypeOf } from '../types.ts';

export const multinomial = defineOp({
  op: 'Multinomial',
  inputs: [1, 1],
  infer: (c) => [
    {
      dtype: dtypeOf(intAttribute(c.node, 'dtype', 6)) ?? 'int32',
      shape: [c.shape(0)?.[0] ?? c.fresh(), intAttribute(c.node, 'sample_size', 1)],
    },
  ],
});
