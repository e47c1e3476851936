import { concrete, divideDims, multiplyDims } from '../dims.ts';
import type { Dim, Shape } from '../graph.ts';
import { intAttribute } from '../graph.ts';
import type { InferContext } from '../op.ts';
import { defineOp } from '../op.ts';
import { integerList, lengthOf } from '../parameters.ts';

export const reshape = defineOp({
  op: 'Reshape',
  inputs: [1, 2],
  infer: (c) => [{ dtype: c.dtype(0), shape: target(c) }],
  contents: (c) => c.contents(0),
});

function target(c: InferContext): Shape | undefined {
  const from = c.shape(0);
  const wanted = integerList(c, 1, 'shape');
  if (wanted === undefined || wanted === 'absent') {
    const rank = lengthOf(c, 1);
    return rank === undefined ? undefined : Array.from({ length: rank }, () => c.fresh());
  }
  const copies = intAttribute(c.node, 'allowzero', 0) === 0;
  let open = -1;
  const shape = wanted.map((d, i): Dim => {
    if (d === -1) {
      if (open >= 0) throw new Error(`the shape [${wanted.join(', ')}] leaves two sizes open`);
      open = i;
      return 1;
    }
    if (typeof d === 'number' && d < 0) throw new Error(`the shape [${wanted.join(', ')}] is negative`);
    if (d === 0 && copies) {
      if (from !== undefined && i >= from.length)
        throw new Error(`the shape [${wanted.join(', ')}] copies an axis that [${from.join(', ')}] lacks`);
      return from?.[i] ?? c.fresh();
    }
    // A computed integer need not be a size: it may turn out to be -1 or 0.
    if (typeof d === 'string' && d.includes('?') && from?.includes(d) !== true) return c.fresh();
    return d;
  });
  const total = from === undefined ? undefined : multiplyDims(from);
  const others = multiplyDims(shape);
  const wrong = (): Error =>
    new Error(`[${from?.join(', ')}] cannot be reshaped to [${wanted.join(', ')}]: the sizes differ`);
  if (open < 0) {
    if (from !== undefined && concrete(from) && concrete(shape) && total !== others) throw wrong();
    return shape;
  }
  const rest = total === undefined ? undefined : divideDims(total, others);
  if (rest === undefined && typeof total === 'number' && typeof others === 'number' && others !== 0)
    throw wrong();
  shape[open] = rest ?? c.fresh();
  return shape;
}
