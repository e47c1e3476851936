import { divideDims, multiplyDims } from '../dims.ts';
import type { Dim } from '../graph.ts';
import { intAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';

export const depthToSpace = defineOp({
  op: 'DepthToSpace',
  inputs: [1, 1],
  infer: (c) => {
    const shape = c.shape(0);
    if (shape === undefined) return [{ dtype: c.dtype(0), shape: undefined }];
    const block = intAttribute(c.node, 'blocksize', 1);
    const [n, channels, h, w] = shape as [Dim, Dim, Dim, Dim];
    const fewer = divideDims(channels, block * block);
    if (fewer === undefined && typeof channels === 'number')
      throw new Error(`${channels} channels do not divide into blocks of ${block}×${block}`);
    return [
      {
        dtype: c.dtype(0),
        shape: [n, fewer ?? c.fresh(), multiplyDims([h, block]), multiplyDims([w, block])],
      },
    ];
  },
});
