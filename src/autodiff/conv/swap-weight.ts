import type { GraphBuilder } from '../../onnx/index.ts';
import type { AnyTensor } from '../../tensor/index.ts';
import { allocate, sizeOf } from '../../tensor/index.ts';

/**
 * The weight [G·O, C, ...kernel] with input and output channels swapped within each group, [G·C, O, ...taps],
 * and along each spatial axis only the taps named, in that order.
 */
export function swapWeight(
  b: GraphBuilder,
  weight: string,
  group: number,
  taps: readonly (readonly number[])[],
): string {
  const constant = b.constantValue(weight);
  // Computed here and not in the graph, so that the runtime sees a constant and keeps its blocked layout.
  if (constant !== undefined) return b.constant(swapConstant(constant, group, taps), `${weight}_swapped`);
  const [out, inner, ...kernel] = b.sizes(weight) as [number, number, ...number[]];
  const perGroup = out / group;
  let w = weight;
  if (group > 1) w = b.op('Reshape', [w, b.ints([group, perGroup, inner, ...kernel])]);
  const lead = group > 1 ? [0, 2, 1] : [1, 0];
  w = b.op('Transpose', [w], { perm: [...lead, ...kernel.map((_, i) => lead.length + i)] });
  if (group > 1) w = b.op('Reshape', [w, b.ints([group * inner, perGroup, ...kernel])]);
  for (const [i, axis] of taps.entries())
    if (axis.length !== kernel[i] || axis.some((t, j) => t !== j))
      w = b.op('Gather', [w, b.ints(axis)], { axis: i + 2 });
  return w;
}

function swapConstant(weight: AnyTensor, group: number, taps: readonly (readonly number[])[]): AnyTensor {
  const [out, inner, ...kernel] = weight.shape as [number, number, ...number[]];
  const perGroup = out / group;
  const window = sizeOf(kernel);
  const offsets = tapOffsets(kernel, taps);
  const shape = [group * inner, perGroup, ...taps.map((t) => t.length)];
  const data = allocate(weight.dtype, sizeOf(shape)) as Float32Array;
  const source = weight.data as Float32Array;
  let at = 0;
  for (let g = 0; g < group; g++)
    for (let c = 0; c < inner; c++)
      for (let o = 0; o < perGroup; o++) {
        const from = ((g * perGroup + o) * inner + c) * window;
        for (const offset of offsets) data[at++] = source[from + offset] as number;
      }
  return { dtype: weight.dtype, shape, data } as unknown as AnyTensor;
}

/** Flat offsets within the kernel of every combination of taps, in C order. */
function tapOffsets(kernel: readonly number[], taps: readonly (readonly number[])[]): number[] {
  let offsets = [0];
  for (const [i, axis] of taps.entries()) {
    const size = kernel[i] as number;
    offsets = offsets.flatMap((o) => axis.map((t) => o * size + t));
  }
  return offsets;
}
