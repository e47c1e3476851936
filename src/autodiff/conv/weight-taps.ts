import type { GraphBuilder } from '../../onnx/index.ts';
import type { ConvGeometry } from './geometry.ts';

/**
 * Gradient of a Conv with respect to its weight, two spatial axes and no groups, as one matrix product for each tap:
 * what the tap saw of `x`, channels last, by `dy`. Faster than {@link ./weight-product.ts} where there are many
 * channels, and right for strides.
 * @param x [N, cin, ...input]; `dy` [N, cout, ...output]
 */
export function weightTaps(b: GraphBuilder, x: string, dy: string, g: ConvGeometry): string {
  const { kernel, strides, dilations, begin, end } = g.windows;
  const [kh, kw] = kernel as [number, number];
  const last = { perm: [0, 2, 3, 1] };
  const pads = [0, ...begin, 0, 0, ...end, 0];
  const images = b.op('Transpose', [x], last);
  const padded = pads.every((p) => p === 0) ? images : b.op('Pad', [images, b.ints(pads)]);
  const gradients = b.op('Reshape', [b.op('Transpose', [dy], last), b.ints([-1, g.cout])]);
  const axes = b.ints([1, 2]);
  const steps = b.ints(strides);
  const products: string[] = [];
  for (let i = 0; i < kh; i++)
    for (let j = 0; j < kw; j++) {
      const from = [i * (dilations[0] as number), j * (dilations[1] as number)];
      const to = from.map((f, a) => f + ((g.output[a] as number) - 1) * (strides[a] as number) + 1);
      const seen = b.op('Slice', [padded, b.ints(from), b.ints(to), axes, steps]);
      const rows = b.op('Reshape', [seen, b.ints([-1, g.cin])]);
      products.push(b.op('Gemm', [gradients, rows], { transA: 1 }));
    }
  const all = products.length === 1 ? (products[0] as string) : b.op('Concat', products, { axis: 1 });
  const taps = b.op('Reshape', [all, b.ints([g.cout, kh, kw, g.cin])]);
  return b.op('Transpose', [taps], { perm: [0, 3, 1, 2] });
}
