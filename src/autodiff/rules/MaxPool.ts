import { intsAttribute, windowsOf } from '../../onnx/index.ts';
import { spatialSizes, unknownSize } from '../conv/geometry.ts';
import { canCompare, compareMaxima } from '../pool/compare.ts';
import { scatterMaxima } from '../pool/scatter.ts';
import { defineRule } from '../rule.ts';

/** The first maximum of each window, in row-major order, takes the window's gradient. */
export const maxPool = defineRule({
  op: 'MaxPool',
  backward: ({ b, node, x, y, dy }) => {
    const [input, output] = [x[0] as string, y[0] as string];
    if (dy[0] === undefined) return [];
    const sizes = spatialSizes(b, node, input);
    const windows = windowsOf(node, intsAttribute(node, 'kernel_shape') ?? sizes, sizes);
    if (windows === undefined) throw unknownSize(node, input);
    return [
      canCompare(b, input, output, windows)
        ? compareMaxima(b, input, output, dy[0], windows)
        : scatterMaxima(b, node, input, dy[0]),
    ];
  },
});
