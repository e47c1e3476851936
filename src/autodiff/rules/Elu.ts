import { floatAttribute } from '../../onnx/index.ts';
import { mul, scale } from '../emit.ts';
import { defineRule } from '../rule.ts';

/** dx = dy where x > 0, else dy · α exp(x). From x, for y + α loses what is small. */
export const elu = defineRule({
  op: 'Elu',
  remarks: 'at 0 the slope of the negative side',
  backward: ({ b, node, x, dy }) => {
    const [input, g] = [x[0] as string, dy[0] as string];
    const slope = scale(b, b.op('Exp', [input]), floatAttribute(node, 'alpha', 1));
    return [b.op('Where', [b.op('Greater', [input, b.scalar(0, b.dtype(input))]), g, mul(b, g, slope)])];
  },
});
