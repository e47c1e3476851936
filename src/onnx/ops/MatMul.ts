import { defineOp } from '../op.ts';
import { productShape } from '../product.ts';

export const matMul = defineOp({
  op: 'MatMul',
  inputs: [2, 2],
  infer: (c) => [{ dtype: c.dtype(0), shape: productShape(c.shape(0), c.shape(1)) }],
});
