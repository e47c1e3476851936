import { defineOp } from '../op.ts';

/** x [N, C, ...], grid [N, ...out, rank − 2] to [N, C, ...out]. */
export const gridSample = defineOp({
  op: 'GridSample',
  inputs: [2, 2],
  infer: (c) => {
    const x = c.shape(0);
    const grid = c.shape(1);
    if (x === undefined || grid === undefined) return [{ dtype: c.dtype(0), shape: undefined }];
    return [{ dtype: c.dtype(0), shape: [...x.slice(0, 2), ...grid.slice(1, -1)] }];
  },
});
