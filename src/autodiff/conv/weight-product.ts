import type { GraphBuilder } from '../../onnx/index.ts';
import type { ConvGeometry } from './geometry.ts';

/** Whether the weight is one pixel that reads no padding: then a stride only leaves pixels out. */
export function isPoint({ windows: { kernel, begin, end } }: ConvGeometry): boolean {
  return kernel.every((k) => k === 1) && [...begin, ...end].every((p) => p === 0);
}

/** Whether {@link weightProduct} can be used: two spatial axes and, beyond 1×1, no stride. */
export function hasWeightProduct(g: ConvGeometry): boolean {
  const { strides } = g.windows;
  return strides.length === 2 && (isPoint(g) || strides.every((s) => s === 1));
}

/** Whether images are so large that a product of each is no larger than what it is made from. */
export function isLarge(g: ConvGeometry): boolean {
  const [kh, kw] = g.windows.kernel as [number, number];
  const [rows, columns] = [kw * g.cout, kh * g.cin];
  const width = (isPoint(g) ? g.output : g.input)[1] as number;
  return 4 * rows * columns <= (g.output[0] as number) * width * (rows + columns);
}

/**
 * Gradient of a Conv with respect to its weight as a matrix product. The rows of the left matrix are the channels of
 * `dy` moved along x by each tap's column, those of the right one the channels of `x` moved along y by each tap's
 * row; the product of a pair of moves is the gradient at that tap. So k + k copies do the work of the k·k of im2col,
 * and those that move by nothing are no copies.
 * @param x [N, cin, ...input]; `dy` [N, cout, ...output]
 */
export function weightProduct(b: GraphBuilder, x: string, dy: string, g: ConvGeometry): string {
  const { kernel, strides } = g.windows;
  const [kh, kw] = kernel as [number, number];
  const strided = strides.some((s) => s > 1);
  const read = strided ? readPixels(b, x, strides) : x;
  const [height, width] = (strided ? g.output : g.input) as [number, number];
  const each = (g.output[0] as number) * width;
  const [out, inner] = [g.cout / g.group, g.cin / g.group];
  // One product per image keeps the layout.
  const perImage = g.group === 1 && isLarge(g);
  const arrange = (t: string): string => (perImage ? t : b.op('Transpose', [t], { perm: [1, 0, 2, 3] }));
  const flat = (parts: readonly string[], channels: number): string => {
    const shape = perImage ? [0, channels, each] : [g.group, channels, -1];
    const flattened = parts.map((t) => b.op('Reshape', [t, b.ints(shape)]));
    return flattened.length === 1 ? (flattened[0] as string) : b.op('Concat', flattened, { axis: 1 });
  };
  const left = flat(movedGradients(b, arrange(dy), width, g), out);
  const right = flat(movedImages(b, arrange(read), height, g), inner);
  const products = b.op('MatMul', [left, b.op('Transpose', [right], { perm: [0, 2, 1] })]);
  const sums = perImage ? b.op('ReduceSum', [products, b.ints([0])], { keepdims: 1 }) : products;
  const taps = b.op('Reshape', [sums, b.ints([g.group, kw, out, kh, inner])]);
  const ordered = b.op('Transpose', [taps], { perm: [0, 2, 4, 3, 1] });
  return b.op('Reshape', [ordered, b.ints([g.cout, inner, kh, kw])]);
}

/** For each column of taps the gradient of the output where `x` has what the tap saw, along x. */
function movedGradients(b: GraphBuilder, dy: string, width: number, g: ConvGeometry): string[] {
  return range(g.windows.kernel[1]).map((j) => {
    const by = j * (g.windows.dilations[1] as number) - (g.windows.begin[1] as number);
    return move(b, dy, [0, by, 0, width - (g.output[1] as number) - by]);
  });
}

/** For each row of taps what the tap saw, along y. */
function movedImages(b: GraphBuilder, x: string, height: number, g: ConvGeometry): string[] {
  return range(g.windows.kernel[0]).map((i) => {
    const by = i * (g.windows.dilations[0] as number) - (g.windows.begin[0] as number);
    return move(b, x, [-by, 0, by + (g.output[0] as number) - height, 0]);
  });
}

/** Pads, or crops where negative, above, left, below and right. */
function move(
  b: GraphBuilder,
  x: string,
  [top, left, bottom, right]: [number, number, number, number],
): string {
  const pads = [0, 0, top, left, 0, 0, bottom, right];
  return pads.every((p) => p === 0) ? x : b.op('Pad', [x, b.ints(pads)]);
}

/** The pixels that a 1×1 convolution with strides reads. */
function readPixels(b: GraphBuilder, x: string, strides: readonly number[]): string {
  const ends = [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
  return b.op('Slice', [x, b.ints([0, 0]), b.ints(ends), b.ints([2, 3]), b.ints(strides)]);
}

function range(count: number | undefined): number[] {
  return Array.from({ length: count ?? 0 }, (_, i) => i);
}
