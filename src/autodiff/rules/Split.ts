import { intAttribute } from '../../onnx/index.ts';
import { zerosLike } from '../emit.ts';
import { defineRule } from '../rule.ts';

/** The gradients of the parts side by side, zeros for a part that nobody reads. */
export const split = defineRule({
  op: 'Split',
  outputs: 'all',
  backward: ({ b, node, y, dy }) => {
    const parts = y.map((name, i) => dy[i] ?? zerosLike(b, name));
    return [b.op('Concat', parts, { axis: intAttribute(node, 'axis', 0) })];
  },
});
