import type { GraphBuilder } from '../../onnx/index.ts';
import type { ConvGeometry } from './geometry.ts';

/** Whether {@link weightProduct} can be used: two spatial axes, no groups and, beyond 1×1, no stride. */
export function hasWeightProduct(g: ConvGeometry): boolean {
  const { strides, kernel, begin, end } = g.windows;
  const point = kernel.every((k) => k === 1) && [...begin, ...end].every((p) => p === 0);
  return g.group === 1 && strides.length === 2 && (point || strides.every((s) => s === 1));
}

/**
 * Gradient of a Conv with respect to its weight as a matrix product. The rows of the left matrix are the channels of
 * `dy` moved along x by each tap's column, those of the right one the channels of `x` moved along y by each tap's
 * row; the product of a pair of moves is the gradient at that tap. So k + k copies do the work of the k·k of im2col,
 * and those that move by nothing are no copies.
 * @param x [N, cin, ...input]; `dy` [N, cout, ...output]
 */
export function weightProduct(b: GraphBuilder, x: string, dy: string, g: ConvGeometry): string {
  const { kernel, dilations, begin, strides } = g.windows;
  const [kh, kw] = kernel as [number, number];
  const [down, along] = dilations as [number, number];
  const [top, left] = begin as [number, number];
  const [outHeight, outWidth] = g.output as [number, number];
  const strided = strides.some((s) => s > 1);
  const seen = strided ? readPixels(b, x, strides) : x;
  const [height, width] = strided ? [outHeight, outWidth] : (g.input as [number, number]);
  const each = outHeight * width;
  const [rows, columns] = [kw * g.cout, kh * g.cin];
  // One product per image keeps the layout; for small images its results would outgrow what they are made from.
  const perImage = 4 * rows * columns <= each * (rows + columns);
  const axis = perImage ? 1 : 0;
  const arrange = (t: string): string => (perImage ? t : b.op('Transpose', [t], { perm: [1, 0, 2, 3] }));
  const [gradients, images] = [arrange(dy), arrange(seen)];
  const moved = (t: string, [rowsBefore, rowsAfter]: Pair, [before, after]: Pair): string => {
    const pads = [0, 0, rowsBefore, before, 0, 0, rowsAfter, after];
    return pads.every((p) => p === 0) ? t : b.op('Pad', [t, b.ints(pads)]);
  };
  const movedDy = range(kw).map((j) => {
    const by = j * along - left;
    return moved(gradients, [0, 0], [by, width - outWidth - by]);
  });
  const movedX = range(kh).map((i) => {
    const by = i * down - top;
    return moved(images, [-by, by + outHeight - height], [0, 0]);
  });
  const flat = (parts: readonly string[], count: number): string =>
    b.op('Reshape', [join(b, parts, axis), b.ints(perImage ? [0, count, each] : [count, -1])]);
  const [a, c] = [flat(movedDy, rows), flat(movedX, columns)];
  const product = perImage ? sumOfProducts(b, a, c) : b.op('Gemm', [a, c], { transB: 1 });
  const taps = b.op('Reshape', [product, b.ints([kw, g.cout, kh, g.cin])]);
  return b.op('Transpose', [taps], { perm: [1, 3, 2, 0] });
}

type Pair = readonly [number, number];

/** Σ over images of a·cᵀ. */
function sumOfProducts(b: GraphBuilder, a: string, c: string): string {
  const each = b.op('MatMul', [a, b.op('Transpose', [c], { perm: [0, 2, 1] })]);
  return b.op('ReduceSum', [each, b.ints([0])], { keepdims: 0 });
}

/** The pixels that a 1×1 convolution with a stride reads. */
function readPixels(b: GraphBuilder, x: string, strides: readonly number[]): string {
  const ends = [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
  return b.op('Slice', [x, b.ints([0, 0]), b.ints(ends), b.ints([2, 3]), b.ints(strides)]);
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

function join(b: GraphBuilder, parts: readonly string[], axis: number): string {
  return parts.length === 1 ? (parts[0] as string) : b.op('Concat', parts, { axis });
}
