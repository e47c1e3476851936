import type { GraphBuilder, Shape } from '../onnx/index.ts';
import { concrete } from '../onnx/index.ts';
import { add, mul, reshapeLike, shapeOf, zerosLike } from './emit.ts';
import { SizeUnknown } from './rule.ts';

// What the rules of the indexing operators share.

/**
 * The shape of `x`, of which at least the rank must be known here.
 * @throws AdvarenaError NO_GRADIENT if it is not: behind an operator that the project does not know
 */
export function shapeKnown(b: GraphBuilder, x: string): Shape {
  const shape = b.shape(x);
  if (shape !== undefined) return shape;
  throw unknownShape('The gradient here needs the rank of this tensor, and the graph does not tell it.', x);
}

/** @param x the tensor whose shape is not known */
export function unknownShape(message: string, x: string): SizeUnknown {
  return new SizeUnknown(
    message,
    `tensor "${x}"`,
    'Run shape inference on the model before, or export it with a fixed image size.',
  );
}

/**
 * `x` with zeros before and after along `axes`; a negative amount crops. All axes are written out: the runtime's
 * transpose optimizer (1.30) permutes the amounts as if Pad's own list of axes were not there.
 */
export function padAxes(
  b: GraphBuilder,
  x: string,
  axes: readonly number[],
  before: readonly number[],
  after: readonly number[],
): string {
  if (before.every((n) => n === 0) && after.every((n) => n === 0)) return x;
  const rank = shapeKnown(b, x).length;
  const amounts = Array.from({ length: 2 * rank }, () => 0);
  for (const [i, axis] of axes.entries()) {
    amounts[axis] = before[i] as number;
    amounts[axis + rank] = after[i] as number;
  }
  return b.op('Pad', [x, b.ints(amounts)]);
}

/** Zeros in the type of `x` and a shape given as a 1-D int64 tensor. */
export function zerosOf(b: GraphBuilder, x: string, shape: string): string {
  return b.op('Expand', [b.scalar(0, b.dtype(x)), shape]);
}

export function inverse(order: readonly number[]): number[] {
  return order.map((_, i) => order.indexOf(i));
}

/**
 * The transposed Gather: zeros in the shape of `like`, to which `values` are added where `indices` (of any rank,
 * repeated or negative ones too) point along `axis`.
 */
export function scatterAlong(
  b: GraphBuilder,
  like: string,
  indices: string,
  values: string,
  axis: number,
): string {
  const shape = shapeKnown(b, like);
  const count = shapeKnown(b, indices).length;
  const rows = count === 1 ? values : b.op('Reshape', [values, withOpen(b, like, shape, axis)]);
  const column = b.op('Reshape', [indices, b.ints(shape.map((_, i) => (i === axis ? -1 : 1)))]);
  const where = b.op('Expand', [column, shapeOf(b, rows)]);
  return b.op('ScatterElements', [zerosLike(b, like), where, rows], { axis, reduction: 'add' });
}

/** The shape of `x` with the size of one axis left open (-1), as Reshape takes it. */
function withOpen(b: GraphBuilder, x: string, shape: Shape, axis: number): string {
  const target = shape.map((d, i) => (i === axis ? -1 : i < axis ? 0 : d));
  const behind = concrete(target);
  if (behind !== undefined && !shape.slice(axis + 1).includes(0)) return b.ints(behind);
  const part = (start: number, end?: number): string => b.op('Shape', [x], { start, end });
  return b.op('Concat', [part(0, axis), b.ints([-1]), part(axis + 1)], { axis: 0 });
}

/**
 * ScatterND with a reduction. The runtime's own (1.30) loses updates of repeated indices when it has more than one
 * thread; ScatterElements does not, so the indices are counted through the leading axes.
 */
export function scatterRows(
  b: GraphBuilder,
  base: string,
  indices: string,
  values: string,
  reduction: string,
): string {
  const shape = shapeKnown(b, indices);
  const depth = shape.at(-1);
  if (typeof depth !== 'number')
    throw unknownShape(
      'The gradient here needs the last size of this tensor, and the graph does not tell it.',
      indices,
    );
  const sizes = shapeOf(b, base);
  let position = '';
  for (let axis = 0; axis < depth; axis++) {
    const size = b.op('Gather', [sizes, b.scalar(axis, 'int64')]);
    // Mod takes the sign of the divisor: negative indices count from the end.
    const own = b.op('Mod', [b.op('Gather', [indices, b.scalar(axis, 'int64')], { axis: -1 }), size]);
    position = axis === 0 ? own : add(b, mul(b, position, size), own);
  }
  const rows = b.op('Flatten', [values], { axis: shape.length - 1 });
  const where = b.op('Expand', [b.op('Reshape', [position, b.ints([-1, 1])]), b.op('Shape', [rows])]);
  const flat = b.op('Flatten', [base], { axis: depth });
  const out = b.op('ScatterElements', [flat, where, rows], { axis: 0, reduction });
  return reshapeLike(b, out, base);
}

/** Zeros in the shape of `like` with `values` written at positions counted through all of it in C order. */
export function scatterFlat(b: GraphBuilder, like: string, positions: string, values: string): string {
  const sizes = b.sizes(like);
  const total =
    sizes === undefined
      ? b.op('Reshape', [b.op('Size', [like]), b.ints([1])])
      : b.ints([sizes.reduce((a, d) => a * d, 1)]);
  const flat = (x: string): string => b.op('Reshape', [x, b.ints([-1])]);
  const out = b.op('ScatterElements', [zerosOf(b, values, total), flat(positions), flat(values)], {
    axis: 0,
  });
  const shaped = b.op('Reshape', [out, shapeOf(b, like)], { allowzero: 1 });
  b.declare(shaped, { dtype: b.dtype(values), shape: b.shape(like) });
  return shaped;
}

/** The position of every element of `x`, counted in C order, in the shape of `x`. */
export function positionsOf(b: GraphBuilder, x: string): string {
  const zero = b.scalar(0, 'int64');
  const count = b.op('Range', [zero, b.op('Size', [x]), b.scalar(1, 'int64')]);
  const out = b.op('Reshape', [count, shapeOf(b, x)], { allowzero: 1 });
  b.declare(out, { dtype: 'int64', shape: b.shape(x) });
  return out;
}

/** Indices of GatherND with `batch` leading axes taken together, as indices that name those axes too. */
export function fullIndices(b: GraphBuilder, indices: string, batch: number): string {
  if (batch === 0) return indices;
  const rank = shapeKnown(b, indices).length;
  const sizes = b.op('Slice', [shapeOf(b, indices), b.ints([0]), b.ints([rank - 1])]);
  const column = b.op('Concat', [sizes, b.ints([1])], { axis: 0 });
  const parts = Array.from({ length: batch }, (_, axis) => {
    const size = b.op('Gather', [sizes, b.scalar(axis, 'int64')]);
    const counted = b.op('Range', [b.scalar(0, 'int64'), size, b.scalar(1, 'int64')]);
    const shape = Array.from({ length: rank }, (__, i) => (i === axis ? -1 : 1));
    return b.op('Expand', [b.op('Reshape', [counted, b.ints(shape)]), column]);
  });
  return b.op('Concat', [...parts, indices], { axis: -1 });
}
