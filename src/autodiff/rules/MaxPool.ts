import { intsAttribute } from '../../onnx/index.ts';
import { scatterMaxima } from '../pool/scatter.ts';
import { defineRule } from '../rule.ts';

/** The first maximum of each window, in row-major order, takes the window's gradient. */
export const maxPool = defineRule({
  op: 'MaxPool',
  backward: ({ b, node, x, dy }) => {
    if (dy[0] === undefined || intsAttribute(node, 'kernel_shape') === undefined) return [];
    return [scatterMaxima(b, node, x[0] as string, dy[0])];
  },
});
