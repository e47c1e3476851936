import { defineOp } from '../op.ts';

/** Output and, where asked for, the mask of elements kept. */
export const dropout = defineOp({
  op: 'Dropout',
  inputs: [1, 3],
  infer: (c) => [c.type(0), { dtype: 'bool', shape: c.shape(0) }],
});
