import { intAttribute } from '../graph.ts';
import { defineOp, normalizeAxis } from '../op.ts';

export const topK = defineOp({
  op: 'TopK',
  inputs: [1, 2],
  infer: (c) => {
    const shape = c.shape(0);
    const k =
      c.contents(1)?.[0] ?? (c.node.attributes['k'] === undefined ? undefined : intAttribute(c.node, 'k', 0));
    const out = shape?.with(normalizeAxis(intAttribute(c.node, 'axis', -1), shape.length), k ?? c.fresh());
    return [
      { dtype: c.dtype(0), shape: out },
      { dtype: 'int64', shape: out },
    ];
  },
});
