import { intAttribute, intsAttribute, windowsOf } from '../../onnx/index.ts';
import { spatialSizes, unknownSize } from '../conv/geometry.ts';
import { averageBackward } from '../pool/average.ts';
import { defineRule } from '../rule.ts';

/** Every element of a window gets an equal share; padding takes its own where it was counted. */
export const averagePool = defineRule({
  op: 'AveragePool',
  backward: ({ b, node, x, dy }) => {
    const input = x[0] as string;
    const sizes = spatialSizes(b, node, input);
    const windows = windowsOf(node, intsAttribute(node, 'kernel_shape') ?? sizes, sizes);
    if (windows === undefined) throw unknownSize(node, input);
    const padded = intAttribute(node, 'count_include_pad', 0) === 1;
    return [averageBackward(b, node, dy[0] as string, windows, sizes, padded)];
  },
});
