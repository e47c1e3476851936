import { multiplyDims } from '../dims.ts';
import type { Dim, Shape } from '../graph.ts';
import { intAttribute } from '../graph.ts';
import { headed, joined } from '../heads.ts';
import { defineOp } from '../op.ts';

/**
 * Queries, keys and values [N, heads, length, size] or [N, length, heads·size], a mask, cached keys and values; y as
 * the queries, at the values' size, the cache with what is new, and the scores [N, heads, length, total].
 */
export const attention = defineOp({
  op: 'Attention',
  inputs: [3, 7],
  infer: (c) => {
    const dtype = c.dtype(0);
    const groups = intAttribute(c.node, 'kv_num_heads', 0);
    const queries = headed(c, 0, intAttribute(c.node, 'q_num_heads', 0));
    const keys = joined(c, 4, headed(c, 1, groups));
    const values = joined(c, 5, headed(c, 2, groups));
    const known = queries !== undefined && values !== undefined;
    const y = known ? queries.with(3, values[3] as Dim) : undefined;
    const flat = y === undefined ? undefined : [y[0], y[2], multiplyDims([y[1] as Dim, y[3] as Dim])];
    const total = keys?.[2];
    const scores = queries === undefined || total === undefined ? undefined : queries.with(3, total);
    return [
      { dtype, shape: c.shape(0)?.length === 4 ? y : (flat as Shape | undefined) },
      { dtype: c.dtype(1), shape: keys },
      { dtype: c.dtype(2), shape: values },
      { dtype, shape: scores },
    ];
  },
});
