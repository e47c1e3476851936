import { multiplyDims } from '../dims.ts';
import { defineOp } from '../op.ts';

export const size = defineOp({
  op: 'Size',
  inputs: [1, 1],
  infer: () => [{ dtype: 'int64', shape: [] }],
  contents: (c) => {
    const shape = c.shape(0);
    return shape === undefined ? undefined : [multiplyDims(shape)];
  },
});
