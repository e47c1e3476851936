import { intAttribute } from './graph.ts';
import type { OpDefinition } from './op.ts';
import { defineOp, normalizeAxis } from './op.ts';

/** ArgMax and ArgMin: one int64 index in place of an axis. */
export function reducedToIndex(op: string): OpDefinition {
  return defineOp({
    op,
    inputs: [1, 1],
    infer: (c) => {
      const shape = c.shape(0);
      if (shape === undefined) return [{ dtype: 'int64', shape: undefined }];
      const axis = normalizeAxis(intAttribute(c.node, 'axis', 0), shape.length);
      const keep = intAttribute(c.node, 'keepdims', 1) !== 0;
      return [{ dtype: 'int64', shape: keep ? shape.with(axis, 1) : shape.toSpliced(axis, 1) }];
    },
  });
}
