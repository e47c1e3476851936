import { defineOp } from '../op.ts';
import { productShape } from '../product.ts';

/** [a, b, scale of a, scale of b, zero of a, zero of b, bias]: MatMul of quantised tensors, in real numbers. */
export const comMicrosoftMatMulIntegerToFloat = defineOp({
  op: 'MatMulIntegerToFloat',
  domain: 'com.microsoft',
  inputs: [4, 7],
  infer: (c) => [{ dtype: c.dtype(2), shape: productShape(c.shape(0), c.shape(1)) }],
});
