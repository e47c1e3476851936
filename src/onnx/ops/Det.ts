import { defineOp } from '../op.ts';

export const det = defineOp({
  op: 'Det',
  inputs: [1, 1],
  infer: (c) => [{ dtype: c.dtype(0), shape: c.shape(0)?.slice(0, -2) }],
});
