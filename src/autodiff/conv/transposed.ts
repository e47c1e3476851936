import type { GraphBuilder } from '../../onnx/index.ts';
import { windowSpan } from '../../onnx/index.ts';
import { trim } from './emit-conv.ts';
import type { ConvGeometry } from './geometry.ts';

/** ConvTranspose: right for every convolution, in plain layout. Elements that no window reads get zero. */
export function transposedConv(b: GraphBuilder, dy: string, w: string, g: ConvGeometry): string {
  const { strides, dilations, begin } = g.windows;
  const last: number[] = [];
  const extra: number[] = [];
  const missing: number[] = [];
  for (const [i, size] of g.input.entries()) {
    const stride = strides[i] as number;
    const from = Math.max(0, begin[i] as number);
    const reached = ((g.output[i] as number) - 1) * stride + windowSpan(g.windows, i) - from;
    // output_padding must be below the stride: what it cannot fill is padded with zeros.
    const gap = Math.max(0, Math.min(size - reached, stride - 1));
    last.push(Math.max(0, reached - size));
    extra.push(gap);
    missing.push(Math.max(0, size - reached - gap));
  }
  const out = b.op('ConvTranspose', [dy, w], {
    strides,
    dilations,
    group: g.group,
    pads: [...begin.map((p) => Math.max(0, p)), ...last],
    output_padding: extra.some((e) => e > 0) ? extra : undefined,
  });
  if (missing.every((m) => m === 0)) return trim(b, out, g.input);
  const none = [0, 0];
  const zeros = missing.map(() => 0);
  return b.op('Pad', [out, b.ints([...none, ...zeros, ...none, ...missing])]);
}
