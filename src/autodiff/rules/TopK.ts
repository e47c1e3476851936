import { intAttribute } from '../../onnx/index.ts';
import { zerosLike } from '../emit.ts';
import { defineRule } from '../rule.ts';

/** Each value's gradient goes back to the place it came from. */
export const topK = defineRule({
  op: 'TopK',
  remarks: 'of the values; which they are counts as constant',
  backward: ({ b, node, x, y, dy }) => {
    const indices =
      (y[1] ?? '') === '' ? b.node('TopK', node.inputs, node.attributes, { outputs: 2 })[1] : y[1];
    const axis = intAttribute(node, 'axis', -1);
    return [b.op('ScatterElements', [zerosLike(b, x[0] as string), indices, dy[0]], { axis })];
  },
});
