import { defineOp } from '../op.ts';

export const gatherElements = defineOp({
  op: 'GatherElements',
  inputs: [2, 2],
  infer: (c) => [{ dtype: c.dtype(0), shape: c.shape(1) }],
});
