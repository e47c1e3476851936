import { floatAttribute } from '../../onnx/index.ts';
import { mul, scale } from '../emit.ts';
import { defineRule } from '../rule.ts';
import { inside } from '../step.ts';

/** dx = α dy where 0 < y < 1, else 0. */
export const hardSigmoid = defineRule({
  op: 'HardSigmoid',
  remarks: '0 at both ends of the slope',
  backward: ({ b, node, y, dy }) => [
    scale(b, mul(b, dy[0] as string, inside(b, y[0] as string)), floatAttribute(node, 'alpha', 0.2)),
  ],
});
