import { defineOp } from '../op.ts';

/** x to uint8, with the scale and the zero point computed from the range of x. */
export const dynamicQuantizeLinear = defineOp({
  op: 'DynamicQuantizeLinear',
  inputs: [1, 1],
  infer: (c) => [
    { dtype: 'uint8', shape: c.shape(0) },
    { dtype: 'float32', shape: [] },
    { dtype: 'uint8', shape: [] },
  ],
});
