import { defineOp } from '../op.ts';

/** theta [N, r, r + 1] and the size [N, C, ...] of the image to be sampled, to a grid [N, ..., r]. */
export const affineGrid = defineOp({
  op: 'AffineGrid',
  inputs: [2, 2],
  infer: (c) => {
    const size = c.contents(1);
    const batch = size?.[0];
    if (size === undefined || batch === undefined) return [{ dtype: c.dtype(0), shape: undefined }];
    return [{ dtype: c.dtype(0), shape: [batch, ...size.slice(2), size.length - 2] }];
  },
});
