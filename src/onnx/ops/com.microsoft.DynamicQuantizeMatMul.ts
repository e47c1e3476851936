import { defineOp } from '../op.ts';
import { productShape } from '../product.ts';

/** [a, b, scale of b, zero of b, bias]: MatMul of a, quantised by its own range, with a quantised b. */
export const comMicrosoftDynamicQuantizeMatMul = defineOp({
  op: 'DynamicQuantizeMatMul',
  domain: 'com.microsoft',
  inputs: [3, 5],
  infer: (c) => [{ dtype: c.dtype(0), shape: productShape(c.shape(0), c.shape(1)) }],
});
