import { divideDims, multiplyDims } from '../dims.ts';
import type { Dim } from '../graph.ts';
import { intAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';

export const spaceToDepth = defineOp({
  op: 'SpaceToDepth',
  inputs: [1, 1],
  infer: (c) => {
    const shape = c.shape(0);
    if (shape === undefined) return [{ dtype: c.dtype(0), shape: undefined }];
    const block = intAttribute(c.node, 'blocksize', 1);
    const [n, channels, h, w] = shape as [Dim, Dim, Dim, Dim];
    return [
      {
        dtype: c.dtype(0),
        shape: [
          n,
          multiplyDims([channels, block * block]),
          divideDims(h, block) ?? c.fresh(),
          divideDims(w, block) ?? c.fresh(),
        ],
      },
    ];
  },
});
