import { defineOp } from '../op.ts';
import { productShape } from '../product.ts';
import { quantisedType } from '../quantised.ts';

/** [a, scale, zero, b, scale, zero, scale of y, zero of y]: MatMul between quantised tensors. */
export const qLinearMatMul = defineOp({
  op: 'QLinearMatMul',
  inputs: [8, 8],
  infer: (c) => [{ dtype: quantisedType(c, 7), shape: productShape(c.shape(0), c.shape(3)) }],
});
