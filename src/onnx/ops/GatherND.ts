import { intAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';

export const gatherND = defineOp({
  op: 'GatherND',
  inputs: [2, 2],
  infer: (c) => {
    const data = c.shape(0);
    const indices = c.shape(1);
    const depth = indices?.at(-1);
    if (data === undefined || indices === undefined || typeof depth !== 'number')
      return [{ dtype: c.dtype(0), shape: undefined }];
    const taken = intAttribute(c.node, 'batch_dims', 0) + depth;
    if (taken > data.length) throw new Error(`indices of ${taken} axes exceed rank ${data.length}`);
    return [{ dtype: c.dtype(0), shape: [...indices.slice(0, -1), ...data.slice(taken)] }];
  },
});
