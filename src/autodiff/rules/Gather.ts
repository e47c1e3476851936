import type { GraphBuilder, Shape } from '../../onnx/index.ts';
import { intAttribute, normalizeAxis } from '../../onnx/index.ts';
import { int64, numbers } from '../../tensor/index.ts';
import { padAxes, scatterAlong, shapeKnown } from '../indexing.ts';
import { defineRule } from '../rule.ts';

/**
 * dy is added where the indices point. Constant indices without repetition need no scatter: a run of them is a
 * Pad, others a Gather of dy (with one row of zeros for what was not taken).
 */
export const gather = defineRule({
  op: 'Gather',
  formulations: [
    'Pad: constant indices in a row',
    'Gather: constant indices without repetition',
    'ScatterElements: other indices',
  ],
  backward: ({ b, node, x, dy }) => {
    const [data, indices] = x as [string, string];
    const shape = shapeKnown(b, data);
    const axis = normalizeAxis(intAttribute(node, 'axis', 0), shape.length);
    const cheap = unrepeated(b, dy[0] as string, indices, shape, axis);
    return [cheap ?? scatterAlong(b, data, indices, dy[0] as string, axis)];
  },
});

function unrepeated(
  b: GraphBuilder,
  dy: string,
  indices: string,
  shape: Shape,
  axis: number,
): string | undefined {
  const size = shape[axis];
  const constant = b.constantValue(indices);
  if (constant === undefined || typeof size !== 'number' || constant.shape.length > 1) return undefined;
  const taken = numbers(constant).map((i) => (i < 0 ? i + size : i));
  if (taken.length === 0 || new Set(taken).size < taken.length) return undefined;
  const rows = constant.shape.length === 0 ? b.op('Unsqueeze', [dy, b.ints([axis])]) : dy;
  const first = taken[0] as number;
  if (taken.every((i, k) => i === first + k))
    return padAxes(b, rows, [axis], [first], [size - first - taken.length]);
  const back = Array.from({ length: size }, (_, i) => {
    const at = taken.indexOf(i);
    return at < 0 ? taken.length : at;
  });
  const from = taken.length < size ? padAxes(b, rows, [axis], [0], [1]) : rows;
  return b.op('Gather', [from, b.constant(int64(back), 'ints')], { axis });
}
