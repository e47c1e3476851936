import type { GraphBuilder } from '../../onnx/index.ts';
import { normalizeAxis, sliceRange } from '../../onnx/index.ts';
import { numbers } from '../../tensor/index.ts';
import { fromPhases } from '../composed.ts';
import { padAxes, positionsOf, scatterFlat, shapeKnown } from '../indexing.ts';
import type { BackwardContext } from '../rule.ts';
import { defineRule } from '../rule.ts';

/**
 * Zeros around what was kept: Pad for a step of 1; a step of s puts s − 1 zeros between neighbours first, a
 * negative one reverses. Bounds not known before the run go by positions.
 */
export const slice = defineRule({
  op: 'Slice',
  formulations: ['Pad: known bounds', 'ScatterElements: bounds known only at the run'],
  backward: (c) => {
    const { b, x, dy } = c;
    const cuts = constantCuts(c);
    if (cuts === undefined) {
      const kept = b.op('Slice', [positionsOf(b, x[0] as string), ...x.slice(1)]);
      return [scatterFlat(b, x[0] as string, kept, dy[0] as string)];
    }
    if (cuts.some((cut) => cut.count === 0)) return [];
    const reversed = cuts.filter((cut) => cut.step < 0).map((cut) => cut.axis);
    const turned = reversed.length === 0 ? (dy[0] as string) : reverse(b, dy[0] as string, reversed);
    const spaced = cuts.filter((cut) => Math.abs(cut.step) > 1).toSorted((p, q) => p.axis - q.axis);
    const wide = spaced.length === 0 ? turned : spread(b, turned, spaced);
    // Behind `spread` a kept index stands at lowest mod step, so that a whole number of steps is missing before it.
    const before = cuts.map(({ lowest, step }) => lowest - (lowest % Math.abs(step)));
    const after = cuts.map(
      ({ size, count, step }, i) => size - (before[i] as number) - count * Math.abs(step),
    );
    return [
      padAxes(
        b,
        wide,
        cuts.map((cut) => cut.axis),
        before,
        after,
      ),
    ];
  },
});

function reverse(b: GraphBuilder, x: string, axes: readonly number[]): string {
  const all = (value: number): string => b.ints(axes.map(() => value));
  return b.op('Slice', [x, all(-1), all(backToStart), b.ints(axes), all(-1)]);
}

/** An end below any index: a slice with step −1 then reaches index 0. */
const backToStart = -(2 ** 31);

interface Cut {
  axis: number;
  size: number;
  /** Smallest index kept. */
  lowest: number;
  count: number;
  step: number;
}

/** Undefined where an amount, or the size of a sliced axis, is known only at the run. */
function constantCuts({ b, x }: BackwardContext): Cut[] | undefined {
  const shape = b.shape(x[0] as string);
  if (shape === undefined) return undefined;
  const list = (i: number): number[] | undefined => {
    const value = b.constantValue(x[i] ?? '');
    if (value !== undefined) return numbers(value);
    const contents = b.contents(x[i] ?? '');
    return contents?.every((d) => typeof d === 'number') === true ? (contents as number[]) : undefined;
  };
  const [starts, ends] = [list(1), list(2)];
  const axes = (x[3] ?? '') === '' ? starts?.map((_, i) => i) : list(3);
  const steps = (x[4] ?? '') === '' ? starts?.map(() => 1) : list(4);
  if (starts === undefined || ends === undefined || axes === undefined || steps === undefined)
    return undefined;
  const cuts: Cut[] = [];
  for (const [i, a] of axes.entries()) {
    const axis = normalizeAxis(a, shape.length);
    const size = shape[axis];
    const [start, end, step] = [starts[i] as number, ends[i] as number, steps[i] as number];
    if (typeof size !== 'number') {
      if (start === 0 && step === 1 && end >= 2 ** 31 - 1) continue;
      return undefined;
    }
    const { first, count } = sliceRange(size, start, end, step);
    cuts.push({ axis, size, lowest: step > 0 ? first : first + (count - 1) * step, count, step });
  }
  // Spreading reshapes: an open size behind the first spread axis cannot be written as a constant.
  const first = Math.min(
    ...cuts.filter((cut) => Math.abs(cut.step) > 1).map((cut) => cut.axis),
    shape.length,
  );
  return shape.slice(first).every((d) => typeof d === 'number') ? cuts : undefined;
}

/** Zeros between neighbours: n indices along a cut's axis become n · step, at the cut's own offset. */
function spread(b: GraphBuilder, x: string, cuts: readonly Cut[]): string {
  const shape = shapeKnown(b, x);
  const phases = onImage(b, x, cuts);
  if (phases !== undefined) return phases;
  const inner = cuts.map((cut, i) => cut.axis + i + 1);
  const offsets = cuts.map(({ lowest, step }) => lowest % Math.abs(step));
  const rest = cuts.map(({ step }, i) => Math.abs(step) - 1 - (offsets[i] as number));
  const padded = padAxes(b, b.op('Unsqueeze', [x, b.ints(inner)]), inner, offsets, rest);
  const first = cuts[0]?.axis ?? 0;
  const target = shape.map((d, axis) => {
    if (axis < first) return 0;
    const cut = cuts.find((c) => c.axis === axis);
    return cut === undefined ? (d as number) : cut.count * Math.abs(cut.step);
  });
  return b.op('Reshape', [padded, b.ints(target)]);
}

/** An image is one phase of the larger one: Pad takes three times as long, and in sums the zeros are never made. */
function onImage(b: GraphBuilder, x: string, cuts: readonly Cut[]): string | undefined {
  const shape = shapeKnown(b, x);
  const [height, width] = shape.slice(2);
  if (shape.length !== 4 || b.dtype(x) !== 'float32' || cuts.some((cut) => cut.axis < 2)) return undefined;
  if (shape.slice(1).some((d) => typeof d !== 'number')) return undefined;
  const [rows, columns] = [2, 3].map((axis) => cuts.find((cut) => cut.axis === axis));
  const steps = [rows, columns].map((cut) => Math.abs(cut?.step ?? 1)) as [number, number];
  const offsets = [rows, columns].map((cut, i) => (cut?.lowest ?? 0) % (steps[i] as number));
  const parts = Array.from({ length: steps[0] }, (_, r) =>
    Array.from({ length: steps[1] }, (_, s) => (r === offsets[0] && s === offsets[1] ? x : undefined)),
  );
  const sizes = [Number(height) * steps[0], Number(width) * steps[1]] as const;
  return fromPhases(b, { parts, sizes, clean: true });
}
