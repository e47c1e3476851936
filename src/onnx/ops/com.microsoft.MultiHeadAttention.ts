import { multiplyDims } from '../dims.ts';
import type { Dim } from '../graph.ts';
import { intAttribute } from '../graph.ts';
import { headed, joined } from '../heads.ts';
import { defineOp } from '../op.ts';

/**
 * Queries [N, length, heads·size], keys and values the same or [N, heads, total, size], a bias of all three, masks and
 * a cache; y as the queries, at the values' size, and the cache with what is new.
 */
export const comMicrosoftMultiHeadAttention = defineOp({
  op: 'MultiHeadAttention',
  domain: 'com.microsoft',
  inputs: [1, 10],
  infer: (c) => {
    const dtype = c.dtype(0);
    const [q, v] = [c.shape(0), c.shape(2)];
    if (q?.length !== 3 || v === undefined) return [{ dtype, shape: undefined }];
    const width = v.length === 4 ? multiplyDims([v[1] as Dim, v[3] as Dim]) : (v[2] as Dim);
    const heads = intAttribute(c.node, 'num_heads', 0);
    return [
      { dtype, shape: q.with(2, width) },
      { dtype, shape: joined(c, 6, headed(c, 1, heads)) },
      { dtype, shape: joined(c, 7, headed(c, 2, heads)) },
    ];
  },
});
