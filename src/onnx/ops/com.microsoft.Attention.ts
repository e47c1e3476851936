import type { Dim } from '../graph.ts';
import { intsAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';

/** [N, length, width], weights [width, sizes of queries, keys and values] and their bias to [N, length, size of the values]. */
export const comMicrosoftAttention = defineOp({
  op: 'Attention',
  domain: 'com.microsoft',
  inputs: [2, 7],
  infer: (c) => {
    const dtype = c.dtype(0);
    const [x, w] = [c.shape(0), c.shape(1)];
    if (x?.length !== 3 || w?.length !== 2) return [{ dtype, shape: undefined }];
    const third: Dim = typeof w[1] === 'number' ? w[1] / 3 : c.fresh();
    return [{ dtype, shape: x.with(2, intsAttribute(c.node, 'qkv_hidden_sizes')?.[2] ?? third) }];
  },
});
