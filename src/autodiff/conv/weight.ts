import type { GraphBuilder } from '../../onnx/index.ts';
import { emitConv, trim } from './emit-conv.ts';
import type { ConvGeometry } from './geometry.ts';
import { hasWeightProduct, isLarge, isPoint, weightProduct } from './weight-product.ts';
import { weightTaps } from './weight-taps.ts';

/**
 * Gradient of a Conv with respect to its weight, in the formulation that measured fastest for its shape on the
 * runtime's CPU kernels. In forward passes of the same convolution at batch 32, for the moved product, the product
 * by tap and the swapped convolution: 16 channels at 32×32 1.2, 1.4, 3.2; 64 at 8×8 1.4, 1.1, 2.3; 32 at 16×16 with
 * stride 2 -, 1.4, 2.6; depthwise 16 at 32×32 1.2, -, 2.5.
 */
export function convWeight(b: GraphBuilder, x: string, dy: string, g: ConvGeometry): string {
  if (prefersTaps(g)) return weightTaps(b, x, dy, g);
  return hasWeightProduct(g) ? weightProduct(b, x, dy, g) : swappedConv(b, x, dy, g);
}

/** Small images or strides; with few channels the many thin products are slower than anything else. */
function prefersTaps(g: ConvGeometry): boolean {
  if (g.group > 1 || g.cin < 8 || g.input.length !== 2 || isPoint(g)) return false;
  return g.windows.strides.some((s) => s > 1) || !isLarge(g);
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
