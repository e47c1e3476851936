import type { GraphBuilder } from '../../onnx/index.ts';
import { emitConv, trim } from './emit-conv.ts';
import type { ConvGeometry } from './geometry.ts';
import { hasWeightProduct, weightProduct } from './weight-product.ts';

/** Gradient of a Conv with respect to its weight, in the formulation that measured faster on the runtime's CPU kernels. */
export function convWeight(b: GraphBuilder, x: string, dy: string, g: ConvGeometry): string {
  return hasWeightProduct(g) ? weightProduct(b, x, dy, g) : swappedConv(b, x, dy, g);
}

/**
 * The same as a Conv of `x` by `dy` with batch and channels swapped, and with
 * stride and dilation swapped. For ConvTranspose the two change places.
 * @param x [N, cin, ...input], `dy` [N, cout, ...output] of the Conv
 */
export function swappedConv(b: GraphBuilder, x: string, dy: string, g: ConvGeometry): string {
  const { kernel, strides, dilations, begin, end } = g.windows;
  const spatial = kernel.map((_, i) => i + 2);
  const perGroup = g.cin / g.group;
  let samples: string;
  if (g.group === 1) {
    samples = b.op('Transpose', [x], { perm: [1, 0, ...spatial] });
  } else {
    const split = b.op('Reshape', [x, b.ints([0, g.group, perGroup, ...g.input])]);
    const moved = b.op('Transpose', [split], { perm: [2, 1, 0, ...spatial.map((i) => i + 1)] });
    samples = b.op('Reshape', [moved, b.ints([perGroup, -1, ...g.input])]);
  }
  const filters = b.op('Transpose', [dy], { perm: [1, 0, ...spatial] });
  const sums = emitConv(b, samples, filters, {
    begin,
    end,
    group: g.group,
    strides: dilations,
    dilations: strides,
  });
  return b.op('Transpose', [trim(b, sums, kernel)], { perm: [1, 0, ...spatial] });
}
