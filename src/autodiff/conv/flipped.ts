import type { GraphBuilder } from '../../onnx/index.ts';
import { emitConv } from './emit-conv.ts';
import type { ConvGeometry } from './geometry.ts';
import { swapWeight } from './swap-weight.ts';

/** Stride 1: a Conv with the flipped weight, the same kernel of the runtime as the forward pass. */
export function flippedConv(b: GraphBuilder, dy: string, w: string, g: ConvGeometry): string {
  const { kernel, dilations, begin } = g.windows;
  const reach = kernel.map((k, i) => (k - 1) * (dilations[i] as number));
  const before = reach.map((r, i) => r - (begin[i] as number));
  const after = g.input.map((size, i) => size - (g.output[i] as number) + (begin[i] as number));
  const flipped = swapWeight(b, w, g.group, flippedTaps(kernel));
  return emitConv(b, dy, flipped, { begin: before, end: after, group: g.group, dilations });
}

/** All taps of each axis, the last first. */
export function flippedTaps(kernel: readonly number[]): number[][] {
  return kernel.map((k) => Array.from({ length: k }, (_, i) => k - 1 - i));
}
