import { intAttribute, normalizeAxis } from '../../onnx/index.ts';
import { positionsOf, scatterAlong, scatterFlat, shapeKnown } from '../indexing.ts';
import { defineRule } from '../rule.ts';

/** dy goes back to the places that the condition kept. */
export const compress = defineRule({
  op: 'Compress',
  since: 9,
  backward: ({ b, node, x, dy }) => {
    const [data, condition] = x as [string, string];
    const d = dy[0] as string;
    if (node.attributes['axis'] === undefined) {
      const kept = b.op('Compress', [positionsOf(b, data), condition]);
      return [scatterFlat(b, data, kept, d)];
    }
    const axis = normalizeAxis(intAttribute(node, 'axis', 0), shapeKnown(b, data).length);
    const kept = b.op('Reshape', [b.op('NonZero', [condition]), b.ints([-1])]);
    return [scatterAlong(b, data, kept, d, axis)];
  },
});
