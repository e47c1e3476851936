import { concrete } from '../dims.ts';
import type { Dim } from '../graph.ts';
import type { InferContext } from '../op.ts';
import { defineOp, normalizeAxis } from '../op.ts';
import { integerList, numberList, rearranged } from '../parameters.ts';
import { sliceRange } from '../slicing.ts';

export const slice = defineOp({
  op: 'Slice',
  inputs: [1, 5],
  infer: (c) => {
    const dtype = c.dtype(0);
    const shape = c.shape(0);
    if (shape === undefined) return [{ dtype, shape: undefined }];
    const bounds = parameters(c, shape.length);
    if (bounds === undefined) return [{ dtype, shape: shape.map(() => c.fresh()) }];
    const out = [...shape];
    for (const { axis, start, end, step } of bounds)
      out[axis] = sliced(out[axis] as Dim, start, end, step) ?? c.fresh();
    return [{ dtype, shape: out }];
  },
  contents: (c) => {
    const whole = c.contents(0);
    const shape = concrete(c.shape(0));
    const cuts = shape === undefined ? undefined : parameters(c, shape.length);
    if (whole === undefined || shape === undefined || cuts === undefined) return undefined;
    const target = [...shape];
    const first = shape.map(() => 0);
    const steps = shape.map(() => 1);
    for (const { axis, start, end, step } of cuts) {
      if (typeof start !== 'number' || typeof end !== 'number' || step === undefined) return undefined;
      const part = sliceRange(shape[axis] as number, start, end, step);
      target[axis] = part.count;
      first[axis] = part.first;
      steps[axis] = step;
    }
    return rearranged(whole, shape, target, (index) =>
      index.map((i, axis) => (first[axis] as number) + i * (steps[axis] as number)),
    );
  },
});

interface Bounds {
  axis: number;
  start: Dim | undefined;
  end: Dim | undefined;
  step: number | undefined;
}

/** Undefined if not even the axes are known. */
function parameters(c: InferContext, rank: number): Bounds[] | undefined {
  const starts = integerList(c, 1, 'starts');
  const ends = integerList(c, 2, 'ends');
  const axes = numberList(c, 3, 'axes');
  const steps = numberList(c, 4, 'steps');
  const given = [starts, ends, axes, steps].find((l) => Array.isArray(l)) as readonly Dim[] | undefined;
  const length = given?.length ?? c.shape(1)?.[0];
  if (axes === undefined || typeof length !== 'number') return undefined;
  const lists = [starts, ends, axes, steps].filter((l) => typeof l === 'object');
  if (lists.some((l) => l.length !== length))
    throw new Error(`a slice is given by lists of ${lists.map((l) => l.length).join(' and ')} numbers`);
  if (length > rank) throw new Error(`${length} axes are sliced of a tensor of rank ${rank}`);
  return Array.from({ length }, (_, i) => ({
    axis: axes === 'absent' ? i : normalizeAxis(axes[i] as number, rank),
    start: starts === 'absent' ? undefined : starts?.[i],
    end: ends === 'absent' ? undefined : ends?.[i],
    step: steps === 'absent' ? 1 : steps?.[i],
  }));
}

function sliced(
  size: Dim,
  start: Dim | undefined,
  end: Dim | undefined,
  step: number | undefined,
): Dim | undefined {
  if (start === undefined || end === undefined || step === undefined) return undefined;
  if (typeof size === 'number' && typeof start === 'number' && typeof end === 'number')
    return sliceRange(size, start, end, step).count;
  if (start === 0 && step === 1) {
    if (end === size) return size;
    // Beyond any real size: exporters write INT64_MAX or INT32_MAX for "to the end".
    if (typeof size === 'string' && typeof end === 'number' && end >= 2 ** 31 - 1) return size;
  }
  if (start === -1 && step === -1 && typeof end === 'number' && end <= -(2 ** 31 - 1)) return size;
  return undefined;
}
