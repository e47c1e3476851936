import type { Dim, Node, Shape } from './graph.ts';
import { intAttribute, intsAttribute, stringAttribute } from './graph.ts';

/** The sliding windows of a convolution or pool: one entry per spatial axis, padding made explicit. */
export interface Windows {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Padding before and after each axis. */
  readonly begin: readonly number[];
  readonly end: readonly number[];
  /** Whether windows may overhang the end (`ceil_mode`). */
  readonly ceil: boolean;
}

/**
 * Windows of a node from its attributes.
 * @param kernel sizes of the kernel along the spatial axes
 * @param sizes spatial sizes of the input, which `auto_pad` SAME_* needs where the stride is not 1
 * @returns undefined where the padding depends on a size that is not known
 */
export function windowsOf(node: Node, kernel: readonly number[], sizes: Shape): Windows | undefined {
  const rank = kernel.length;
  const ones = Array.from({ length: rank }, () => 1);
  const strides = intsAttribute(node, 'strides') ?? ones;
  const dilations = intsAttribute(node, 'dilations') ?? ones;
  const ceil = intAttribute(node, 'ceil_mode', 0) === 1;
  const auto = stringAttribute(node, 'auto_pad', 'NOTSET');
  const pads = intsAttribute(node, 'pads');
  let begin: number[] = ones.map((_, i) => pads?.[i] ?? 0);
  let end: number[] = ones.map((_, i) => pads?.[rank + i] ?? 0);
  if (auto === 'VALID') {
    begin = ones.map(() => 0);
    end = begin;
  } else if (auto !== 'NOTSET') {
    // The runtime's pools leave the gaps of the dilation out of account here.
    const gaps = node.op.endsWith('Pool') ? ones : dilations;
    for (let i = 0; i < rank; i++) {
      const total = samePadding(sizes[i], span(kernel, gaps, i), strides[i] ?? 1);
      if (total === undefined) return undefined;
      begin[i] = auto === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2);
      end[i] = total - (begin[i] as number);
    }
  }
  return { kernel, strides, dilations, begin, end, ceil };
}

function samePadding(size: Dim | undefined, width: number, stride: number): number | undefined {
  if (typeof size === 'number') return Math.max(0, (Math.ceil(size / stride) - 1) * stride + width - size);
  return stride === 1 ? width - 1 : undefined;
}

function span(kernel: readonly number[], dilations: readonly number[], axis: number): number {
  return ((kernel[axis] as number) - 1) * (dilations[axis] ?? 1) + 1;
}

/** Elements that a window covers along an axis, gaps of the dilation included. */
export function windowSpan(w: Windows, axis: number): number {
  return span(w.kernel, w.dilations, axis);
}

/** How many windows lie along an axis of the given size; undefined where that is not known. */
export function windowCount(w: Windows, axis: number, size: Dim | undefined): Dim | undefined {
  const begin = w.begin[axis] as number;
  const stride = w.strides[axis] as number;
  const padding = begin + (w.end[axis] as number);
  const width = windowSpan(w, axis);
  if (typeof size !== 'number') return stride === 1 && padding === width - 1 ? size : undefined;
  const room = size + padding - width;
  const count = (w.ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
  // A window that would start in the padding at the end is dropped.
  return w.ceil && (count - 1) * stride >= size + begin ? count - 1 : count;
}

/** Shape of a pool's output: batch and channels of `input`, then the number of windows. */
export function pooledShape(
  node: Node,
  input: Shape | undefined,
  kernel: readonly number[] | undefined,
  channels: Dim | undefined,
  fresh: () => Dim,
): Shape | undefined {
  if (input === undefined) return undefined;
  const sizes = input.slice(2);
  const windows = kernel === undefined ? undefined : windowsOf(node, kernel, sizes);
  if (kernel !== undefined && kernel.length !== sizes.length)
    throw new Error(`a kernel of ${kernel.length} axes cannot slide over an input of rank ${input.length}`);
  const counts = sizes.map((size, i) => {
    const count = windows === undefined ? undefined : windowCount(windows, i, size);
    if (typeof count === 'number' && count < 1)
      throw new Error(`the kernel is larger than the padded input (axis ${i + 2} of [${input.join(', ')}])`);
    return count ?? fresh();
  });
  return [input[0] as Dim, channels ?? fresh(), ...counts];
}

/** Shape of a global pool's output: 1 along every spatial axis. */
export function globalShape(input: Shape | undefined): Shape | undefined {
  return input?.map((d, i) => (i < 2 ? d : 1));
}
