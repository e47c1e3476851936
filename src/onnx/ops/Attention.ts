import { divideDims, multiplyDims } from '../dims.ts';
import type { Dim } from '../graph.ts';
import { intAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';

/** Queries, keys and values [N, heads, length, size] or [N, length, heads·size]; y as the queries, at the values' size. */
export const attention = defineOp({
  op: 'Attention',
  inputs: [3, 7],
  infer: (c) => {
    const dtype = c.dtype(0);
    const [q, v] = [c.shape(0), c.shape(2)];
    if (q === undefined || v === undefined) return [{ dtype, shape: undefined }];
    if (q.length === 4) return [{ dtype, shape: q.with(3, v[3] as Dim) }];
    const size = divideDims(v[2] as Dim, intAttribute(c.node, 'kv_num_heads', 1));
    const heads = intAttribute(c.node, 'q_num_heads', 1);
    return [{ dtype, shape: q.with(2, size === undefined ? c.fresh() : multiplyDims([size, heads])) }];
  },
});
