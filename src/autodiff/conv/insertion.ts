import type { GraphBuilder } from '../../onnx/index.ts';
import { enlarge } from '../pool/enlarge.ts';
import { emitConv } from './emit-conv.ts';
import { flippedTaps } from './flipped.ts';
import type { ConvGeometry } from './geometry.ts';
import { swapWeight } from './swap-weight.ts';

/**
 * Depthwise with a stride, two spatial axes, float32: zeros between the elements of `dy` (nearest enlargement times
 * a static mask), then the flipped depthwise Conv. The depthwise ConvTranspose of the runtime is serial.
 */
export function insertedConv(b: GraphBuilder, dy: string, w: string, g: ConvGeometry): string {
  const { kernel, strides, dilations, begin } = g.windows;
  const [sy, sx] = strides as [number, number];
  const sizes = g.output.map((n, i) => n * (strides[i] as number)) as [number, number];
  const large = enlarge(b, dy, strides);
  const mask = new Float32Array(sizes[0] * sizes[1]);
  for (let i = 0; i < sizes[0]; i += sy) for (let j = 0; j < sizes[1]; j += sx) mask[i * sizes[1] + j] = 1;
  const spread = b.op('Mul', [
    large,
    b.constant({ dtype: 'float32', shape: [1, 1, ...sizes], data: mask }, 'grid'),
  ]);
  const before = kernel.map((k, i) => (k - 1) * (dilations[i] as number) - (begin[i] as number));
  const after = g.input.map((size, i) => size - (sizes[i] as number) + (begin[i] as number));
  return emitConv(b, spread, swapWeight(b, w, g.group, flippedTaps(kernel)), {
    begin: before,
    end: after,
    group: g.group,
    dilations,
  });
}
