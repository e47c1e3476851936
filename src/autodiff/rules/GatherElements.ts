import { intAttribute } from '../../onnx/index.ts';
import { zerosLike } from '../emit.ts';
import { defineRule } from '../rule.ts';

/** dy is added where the indices point. */
export const gatherElements = defineRule({
  op: 'GatherElements',
  since: 11,
  backward: ({ b, node, x, dy }) => [
    b.op('ScatterElements', [zerosLike(b, x[0] as string), x[1], dy[0]], {
      axis: intAttribute(node, 'axis', 0),
      reduction: 'add',
    }),
  ],
});
