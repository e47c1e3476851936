import { defineOp } from '../op.ts';
import { conv } from './Conv.ts';

/** Conv of integers less their zero points, inputs 2 and 3, into int32. */
export const convInteger = defineOp({
  op: 'ConvInteger',
  inputs: [2, 4],
  infer: (c) => conv.infer(c).map((t) => t && { dtype: 'int32', shape: t.shape }),
});
