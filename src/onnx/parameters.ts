import { numbers } from '../tensor/index.ts';
import type { Dim } from './graph.ts';
import { intsAttribute } from './graph.ts';
import type { InferContext } from './op.ts';

/**
 * Integers that newer opsets give as input `i` and older ones as an attribute: `absent` if neither is there,
 * undefined if they are not known before the run.
 */
export function integerList(
  c: InferContext,
  i: number,
  attribute: string,
): readonly Dim[] | 'absent' | undefined {
  const given = intsAttribute(c.node, attribute);
  if (given !== undefined) return given;
  if ((c.node.inputs[i] ?? '') === '') return 'absent';
  return c.contents(i);
}

/** The same where every value must be a number. */
export function numberList(
  c: InferContext,
  i: number,
  attribute: string,
): readonly number[] | 'absent' | undefined {
  const list = integerList(c, i, attribute);
  if (list === undefined || list === 'absent') return list;
  return list.every((d) => typeof d === 'number') ? list : undefined;
}

/** One integer from input `i`, be it stored as integer or float; undefined if it is not known. */
export function integerAt(c: InferContext, i: number): Dim | undefined {
  const contents = c.contents(i);
  if (contents !== undefined) return contents[0];
  const constant = c.constant(i);
  return constant === undefined || constant.dtype === 'string' ? undefined : numbers(constant)[0];
}

/** How many elements input `i`, a 1-D tensor, has: the rank of a shape computed in the graph. */
export function lengthOf(c: InferContext, i: number): number | undefined {
  const [length, ...more] = c.shape(i) ?? [];
  return more.length === 0 && typeof length === 'number' && length <= contentsLimit ? length : undefined;
}

/** Symbolic integers are followed through tensors of at most this many elements: shapes, not data. */
export const contentsLimit = 4096;

/**
 * The contents of a tensor of known sizes taken anew: output element at index j is input element at `from(j)`.
 * @param shape sizes of the input
 * @param target sizes of the output
 */
export function rearranged(
  contents: readonly Dim[],
  shape: readonly number[],
  target: readonly number[],
  from: (index: readonly number[]) => readonly number[],
): readonly Dim[] {
  const total = target.reduce((a, d) => a * d, 1);
  return Array.from({ length: total }, (_, flat): Dim => {
    let rest = flat;
    const index = target.map(() => 0);
    for (let axis = target.length - 1; axis >= 0; axis--) {
      const size = target[axis] as number;
      index[axis] = rest % size;
      rest = Math.floor(rest / size);
    }
    const at = from(index).reduce((a, i, axis) => a * (shape[axis] as number) + i, 0);
    return contents[at] as Dim;
  });
}
