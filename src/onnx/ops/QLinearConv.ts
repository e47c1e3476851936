import { defineOp } from '../op.ts';
import { floatView, quantisedType } from '../quantised.ts';
import { conv } from './Conv.ts';

/** [x, scale, zero, weight, scale, zero, scale of y, zero of y, bias]: Conv between quantised tensors. */
export const qLinearConv = defineOp({
  op: 'QLinearConv',
  inputs: [8, 9],
  infer: (c) =>
    conv.infer(floatView(c, [0, 3])).map((t) => t && { dtype: quantisedType(c, 7), shape: t.shape }),
});
