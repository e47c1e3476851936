import { intAttribute, transposeGeometry } from '../../onnx/index.ts';
import { emitConv, trim } from '../conv/emit-conv.ts';
import { spatialSizes, unknownSize } from '../conv/geometry.ts';
import { convWeight } from '../conv/weight.ts';
import { reduceSum } from '../emit.ts';
import { defineRule } from '../rule.ts';

/** It is the adjoint of a Conv with the same weight, so that dx is that Conv of dy and dW has the roles swapped. */
export const convTranspose = defineRule({
  op: 'ConvTranspose',
  inputs: ['X', 'W', 'B'],
  backward: ({ b, node, x, dy, needs }) => {
    const [input, weight] = x as [string, string];
    const dOut = dy[0] as string;
    const sizes = spatialSizes(b, node, input);
    const shape = b.sizes(weight);
    if (shape === undefined) throw unknownSize(node, weight);
    const group = intAttribute(node, 'group', 1);
    const { windows, output } = transposeGeometry(node, shape.slice(2), sizes);
    const { begin, end, strides, dilations } = windows;
    const adjoint = {
      group,
      cin: (shape[1] as number) * group,
      cout: shape[0] as number,
      input: output,
      output: sizes,
      windows,
    };
    return [
      needs(0)
        ? trim(b, emitConv(b, dOut, weight, { begin, end, group, strides, dilations }), sizes)
        : undefined,
      needs(1) ? convWeight(b, dOut, input, adjoint) : undefined,
      needs(2) ? reduceSum(b, dOut, [0, ...sizes.map((_, i) => i + 2)], false) : undefined,
    ];
  },
});
