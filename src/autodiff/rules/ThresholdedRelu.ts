import { floatAttribute } from '../../onnx/index.ts';
import { select } from '../emit.ts';
import { defineRule } from '../rule.ts';

/** dx = dy where x > α, else 0. */
export const thresholdedRelu = defineRule({
  op: 'ThresholdedRelu',
  remarks: '0 at alpha',
  backward: ({ b, node, x, dy }) => {
    const input = x[0] as string;
    const bound = b.scalar(floatAttribute(node, 'alpha', 1), b.dtype(input));
    return [select(b, b.op('Greater', [input, bound]), dy[0] as string)];
  },
});
