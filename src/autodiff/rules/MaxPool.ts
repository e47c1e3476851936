import { intsAttribute, windowsOf } from '../../onnx/index.ts';
import { spatialSizes, unknownSize } from '../conv/geometry.ts';
import { canCompare, compareMaxima } from '../pool/compare.ts';
import { scatterMaxima } from '../pool/scatter.ts';
import { defineRule } from '../rule.ts';

/** The first maximum of each window, in row-major order, takes the window's gradient. */
export const maxPool = defineRule({
  op: 'MaxPool',
  remarks: 'the first of tied maxima, in row-major order, takes all; the output of indices is constant',
  formulations: [
    'comparison with the maximum, by rows and columns or place by place: small windows on images of float32',
    'ScatterElements at the indices: all others',
  ],
  backward: ({ b, node, x, y, dy, gated = false }) => {
    const [input, output] = [x[0] as string, y[0] as string];
    if (dy[0] === undefined) return [];
    const sizes = spatialSizes(b, node, input);
    const windows = windowsOf(node, intsAttribute(node, 'kernel_shape') ?? sizes, sizes);
    if (windows === undefined) throw unknownSize(node, input);
    return [
      canCompare(b, input, output, windows)
        ? compareMaxima(b, input, output, dy[0], windows, gated)
        : scatterMaxima(b, node, input, dy[0]),
    ];
  },
});
