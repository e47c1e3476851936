import { defineOp } from '../op.ts';

export const nonZero = defineOp({
  op: 'NonZero',
  inputs: [1, 1],
  infer: (c) => {
    const rank = c.shape(0)?.length;
    // Of a scalar the runtime makes one row, as of a tensor of rank 1.
    return [{ dtype: 'int64', shape: [rank === undefined ? c.fresh() : Math.max(1, rank), c.fresh()] }];
  },
});
