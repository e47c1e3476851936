import { concrete, intAttribute } from '../../onnx/index.ts';
import { reductionRule, shareOf } from '../reduction.ts';

/** dx = dy / n. */
export const reduceMean = reductionRule('ReduceMean', ({ b, node, x, y, dy }) => {
  const named = node.inputs[1] ?? '';
  const axes = named === '' ? [] : concrete(b.contents(named));
  if (axes?.length === 0 && intAttribute(node, 'noop_with_empty_axes', 0) === 1) return dy;
  return shareOf(b, dy, x, y, axes);
});
