import type { Node } from './graph.ts';
import { intsAttribute, stringAttribute } from './graph.ts';
import type { Windows } from './window.ts';
import { windowSpan } from './window.ts';

/** What a ConvTranspose spreads: the windows of the Conv that it is the adjoint of, and its own output sizes. */
export interface TransposeGeometry {
  readonly windows: Windows;
  /** Spatial sizes of the output. */
  readonly output: readonly number[];
}

/** Padding and output sizes of a ConvTranspose node over an input of the given spatial sizes. */
export function transposeGeometry(
  node: Node,
  kernel: readonly number[],
  sizes: readonly number[],
): TransposeGeometry {
  const rank = kernel.length;
  const fill = (value: number): number[] => Array.from({ length: rank }, () => value);
  const strides = intsAttribute(node, 'strides') ?? fill(1);
  const dilations = intsAttribute(node, 'dilations') ?? fill(1);
  const extra = intsAttribute(node, 'output_padding') ?? fill(0);
  const pads = intsAttribute(node, 'pads') ?? fill(0).concat(fill(0));
  const auto = stringAttribute(node, 'auto_pad', 'NOTSET');
  const wanted = intsAttribute(node, 'output_shape')?.slice(-rank);
  const begin: number[] = [];
  const end: number[] = [];
  const output: number[] = [];
  const bare: Windows = { kernel, strides, dilations, begin: fill(0), end: fill(0), ceil: false };
  for (let i = 0; i < rank; i++) {
    const stride = strides[i] as number;
    const size = sizes[i] as number;
    const full = stride * (size - 1) + (extra[i] as number) + windowSpan(bare, i);
    const same = auto.startsWith('SAME') ? size * stride : undefined;
    const target = wanted?.[i] ?? same;
    let padding: readonly [number, number] = auto === 'VALID' ? [0, 0] : [pads[i] ?? 0, pads[rank + i] ?? 0];
    if (target !== undefined) {
      const total = Math.max(0, full - target);
      const half = Math.floor(total / 2);
      padding = auto === 'SAME_UPPER' ? [half, total - half] : [total - half, half];
    }
    begin.push(padding[0]);
    end.push(padding[1]);
    output.push(target ?? full - padding[0] - padding[1]);
  }
  return { windows: { ...bare, begin, end }, output };
}
