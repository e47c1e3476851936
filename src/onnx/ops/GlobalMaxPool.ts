import { defineOp } from '../op.ts';
import { globalShape } from '../window.ts';

export const globalMaxPool = defineOp({
  op: 'GlobalMaxPool',
  inputs: [1, 1],
  infer: (c) => [{ dtype: c.dtype(0), shape: globalShape(c.shape(0)) }],
});
