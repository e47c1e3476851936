import { divideDims, multiplyDims } from './dims.ts';
import type { Dim, Node, Shape } from './graph.ts';
import { intsAttribute, stringAttribute } from './graph.ts';
import { normalizeAxis } from './op.ts';

/** Output size and scale of every axis of a Resize; `undefined` where not known. */
export interface ResizePlan {
  readonly output: readonly (Dim | undefined)[];
  /** What coordinates are computed with: the scale given, or output size / input size. 1 for axes left alone. */
  readonly scales: readonly (number | undefined)[];
}

/**
 * Sizes and scales of a Resize node.
 * @param scales the input of that name as numbers, if given and constant
 * @param sizes the input of that name, possibly symbolic
 */
export function resizePlan(
  node: Node,
  input: Shape,
  scales: readonly number[] | undefined,
  sizes: readonly Dim[] | undefined,
): ResizePlan {
  const axes = (intsAttribute(node, 'axes') ?? input.map((_, i) => i)).map((a) =>
    normalizeAxis(a, input.length),
  );
  const output: (Dim | undefined)[] = [...input];
  const factors: (number | undefined)[] = input.map(() => 1);
  const policy = stringAttribute(node, 'keep_aspect_ratio_policy', 'stretch');
  const common = policy === 'stretch' ? undefined : commonScale(policy, axes, input, sizes);
  for (const [i, axis] of axes.entries()) {
    const size = input[axis] as Dim;
    const factor = scales?.[i];
    const wanted = sizes?.[i];
    if (factor !== undefined && sizes === undefined) {
      factors[axis] = factor;
      output[axis] = scaledDim(size, factor);
    } else if (wanted === undefined || policy !== 'stretch') {
      factors[axis] = common;
      output[axis] = common === undefined || typeof size !== 'number' ? undefined : Math.round(common * size);
    } else {
      output[axis] = wanted;
      factors[axis] = ratio(wanted, size);
    }
  }
  return { output, scales: factors };
}

function commonScale(
  policy: string,
  axes: readonly number[],
  input: Shape,
  sizes: readonly Dim[] | undefined,
): number | undefined {
  const ratios = axes.map((axis, i) => ratio(sizes?.[i], input[axis] as Dim));
  if (ratios.some((r) => r === undefined)) return undefined;
  return policy === 'not_larger' ? Math.min(...(ratios as number[])) : Math.max(...(ratios as number[]));
}

function ratio(wanted: Dim | undefined, size: Dim): number | undefined {
  if (wanted === undefined) return undefined;
  const exact = divideDims(wanted, size);
  if (typeof exact === 'number') return exact;
  return typeof wanted === 'number' && typeof size === 'number' ? Math.fround(wanted / size) : undefined;
}

function scaledDim(size: Dim, factor: number): Dim | undefined {
  if (typeof size === 'number') return Math.floor(Math.fround(size * factor));
  return Number.isInteger(factor) ? multiplyDims([factor, size]) : undefined;
}
