import { floatAttribute } from '../../onnx/index.ts';
import { mul, scale } from '../emit.ts';
import { defineRule } from '../rule.ts';

/** dx = γ dy where x > 0, else dy · γα exp(x). From x, for y + α loses what is small. */
export const selu = defineRule({
  op: 'Selu',
  remarks: 'at 0 the slope of the negative side',
  backward: ({ b, node, x, dy }) => {
    const [input, g] = [x[0] as string, dy[0] as string];
    const alpha = floatAttribute(node, 'alpha', 1.67326319217681884765625);
    const gamma = floatAttribute(node, 'gamma', 1.05070102214813232421875);
    const slope = scale(b, b.op('Exp', [input]), gamma * alpha);
    return [
      b.op('Where', [
        b.op('Greater', [input, b.scalar(0, b.dtype(input))]),
        scale(b, g, gamma),
        mul(b, g, slope),
      ]),
    ];
  },
});
