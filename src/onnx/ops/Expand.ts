import { concrete } from '../dims.ts';
import type { Dim, Shape } from '../graph.ts';
import type { InferContext } from '../op.ts';
import { defineOp } from '../op.ts';
import { contentsLimit, lengthOf } from '../parameters.ts';

export const expand = defineOp({
  op: 'Expand',
  inputs: [2, 2],
  infer: (c) => [{ dtype: c.dtype(0), shape: expanded(c) }],
  contents: (c) => {
    const value = c.contents(0);
    const size = concrete(expanded(c))?.reduce((a, d) => a * d, 1);
    if (value?.length !== 1 || size === undefined || size > contentsLimit) return undefined;
    return Array.from({ length: size }, () => value[0] as Dim);
  },
});

function expanded(c: InferContext): Shape | undefined {
  const from = c.shape(0);
  const count = lengthOf(c, 1);
  const to =
    c.contents(1) ?? (count === undefined ? undefined : Array.from({ length: count }, () => c.fresh()));
  if (from === undefined || to === undefined) return undefined;
  const rank = Math.max(from.length, to.length);
  return Array.from({ length: rank }, (_, i): Dim => {
    const x = from[from.length - rank + i] ?? 1;
    const y = to[to.length - rank + i] ?? 1;
    if (y === 1 || x === y) return x;
    if (x === 1) return y;
    if (typeof x === 'number' && typeof y === 'number')
      throw new Error(`[${from.join(', ')}] does not expand to [${to.join(', ')}]`);
    return typeof x === 'number' ? x : typeof y === 'number' ? y : c.fresh();
  });
}
