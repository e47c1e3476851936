import { intAttribute } from '../../onnx/index.ts';
import { defineRule } from '../rule.ts';

/** The sum from the other end. */
export const cumSum = defineRule({
  op: 'CumSum',
  since: 11,
  backward: ({ b, node, x, dy }) => [
    b.op('CumSum', [dy[0], x[1]], {
      exclusive: intAttribute(node, 'exclusive', 0),
      reverse: 1 - intAttribute(node, 'reverse', 0),
    }),
  ],
});
