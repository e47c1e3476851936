import type { GraphBuilder } from '../../onnx/index.ts';

/** Attributes of a Conv; pads may be negative here. */
export interface ConvOptions {
  begin: readonly number[];
  end: readonly number[];
  group?: number;
  strides?: readonly number[];
  dilations?: readonly number[];
}

/** Conv(x, w). The runtime takes no negative pads, so that they are cropped from `x` first. */
export function emitConv(b: GraphBuilder, x: string, w: string, options: ConvOptions): string {
  const { begin, end, group = 1, strides, dilations } = options;
  return b.op('Conv', [crop(b, x, begin, end), w], {
    pads: [...begin, ...end].map((p) => Math.max(0, p)),
    group,
    strides,
    dilations,
  });
}

/** `x` less the spatial elements that negative pads take away. */
function crop(b: GraphBuilder, x: string, begin: readonly number[], end: readonly number[]): string {
  const axes = begin.map((_, i) => i).filter((i) => (begin[i] as number) < 0 || (end[i] as number) < 0);
  if (axes.length === 0) return x;
  const from = axes.map((i) => Math.max(0, -(begin[i] as number)));
  const to = axes.map((i) => ((end[i] as number) < 0 ? (end[i] as number) : Number.MAX_SAFE_INTEGER));
  return b.op('Slice', [x, b.ints(from), b.ints(to), b.ints(axes.map((i) => i + 2))]);
}

/** The first `sizes` elements of each spatial axis of `x`. */
export function trim(b: GraphBuilder, x: string, sizes: readonly number[]): string {
  const own = b.shape(x)?.slice(2) ?? [];
  const axes = sizes.map((_, i) => i).filter((i) => own[i] !== sizes[i]);
  if (axes.length === 0) return x;
  return b.op('Slice', [
    x,
    b.ints(axes.map(() => 0)),
    b.ints(axes.map((i) => sizes[i] as number)),
    b.ints(axes.map((i) => i + 2)),
  ]);
}
