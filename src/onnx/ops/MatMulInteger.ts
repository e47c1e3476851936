import { defineOp } from '../op.ts';
import { productShape } from '../product.ts';

/** Product of integers less their zero points, inputs 2 and 3, into int32. */
export const matMulInteger = defineOp({
  op: 'MatMulInteger',
  inputs: [2, 4],
  infer: (c) => [{ dtype: 'int32', shape: productShape(c.shape(0), c.shape(1)) }],
});
