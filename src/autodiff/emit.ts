import type { Dim, GraphBuilder, Shape } from '../onnx/index.ts';
import { concrete, onnxType, sameShape } from '../onnx/index.ts';
import type { DType } from '../tensor/index.ts';
import { int64 } from '../tensor/index.ts';

// Short forms that rules share. Each appends to `b` and returns the name of its result.

export const add = (b: GraphBuilder, x: string, y: string): string => b.op('Add', [x, y]);
export const sub = (b: GraphBuilder, x: string, y: string): string => b.op('Sub', [x, y]);
export const mul = (b: GraphBuilder, x: string, y: string): string => b.op('Mul', [x, y]);
export const div = (b: GraphBuilder, x: string, y: string): string => b.op('Div', [x, y]);
export const neg = (b: GraphBuilder, x: string): string => b.op('Neg', [x]);

const floatTypes: ReadonlySet<DType> = new Set(['float32', 'float64', 'float16', 'bfloat16']);

export function isFloat(dtype: DType): boolean {
  return floatTypes.has(dtype);
}

/** Type of the gradient of `x`: its own, but float32 for the integers of a quantised tensor. */
export function gradientType(b: GraphBuilder, x: string): DType {
  const dtype = b.dtype(x);
  return isFloat(dtype) ? dtype : 'float32';
}

/** `x` in the given type. */
export function castTo(b: GraphBuilder, x: string, dtype: DType): string {
  return b.dtype(x) === dtype ? x : b.op('Cast', [x], { to: onnxType(dtype) });
}

/** `x · value`, the constant in x's own type. */
export function scale(b: GraphBuilder, x: string, value: number): string {
  return value === 1 ? x : mul(b, x, b.scalar(value, b.dtype(x)));
}

/** 1 where `condition` (bool) holds and 0 elsewhere, in the type of `like`. */
export function mask(b: GraphBuilder, condition: string, like: string): string {
  return b.op('Cast', [condition], { to: onnxType(b.dtype(like)) });
}

/** `x` where `condition` holds, else 0. Unlike a product it stops NaN and infinity. */
export function select(b: GraphBuilder, condition: string, x: string): string {
  return b.op('Where', [condition, x, b.scalar(0, b.dtype(x))]);
}

/** Sum over `axes` (constant); without axes over all. */
export function reduceSum(b: GraphBuilder, x: string, axes?: readonly number[], keepdims = true): string {
  const summed = axes === undefined ? x : alignSamples(b, x, axes);
  return b.op('ReduceSum', [summed, axes === undefined ? undefined : b.ints(axes)], {
    keepdims: keepdims ? 1 : 0,
  });
}

/** Mean over `axes`, which stay with size 1. */
export const mean = (b: GraphBuilder, x: string, axes: readonly number[]): string =>
  b.op('ReduceMean', [x, b.ints(axes)], { keepdims: 1 });

/**
 * `x` with zeros behind its last axis, where that is summed and samples have no multiple of four entries: the runtime
 * sums in an order that depends on where entries lie in memory, to 16 bytes, so that without them a sample's last
 * bits would depend on its place in the batch.
 */
function alignSamples(b: GraphBuilder, x: string, axes: readonly number[]): string {
  const shape = b.shape(x) ?? [];
  const rank = shape.length;
  const summed = axes.map((a) => (a + rank) % rank);
  const sizes = concrete(shape.slice(1));
  if (typeof shape[0] !== 'string' || sizes === undefined || !summed.includes(rank - 1) || summed.includes(0))
    return x;
  if (sizes.reduce((product, d) => product * d, 1) % 4 === 0) return x;
  const more = -(sizes.at(-1) as number) & 3;
  return b.op('Pad', [x, b.ints([...shape.map(() => 0), ...sizes.map(() => 0), more])]);
}

/** A 1-D int64 tensor holding the shape of `x`: a constant where all sizes are known. */
export function shapeOf(b: GraphBuilder, x: string): string {
  const sizes = b.sizes(x);
  return sizes === undefined ? b.op('Shape', [x]) : b.ints(sizes);
}

/**
 * `x` in the shape of `like`, which has as many elements. Where only the first size is unknown it is written so
 * that the runtime still knows it to be that of `x` (0) or finds it (-1).
 */
export function reshapeLike(b: GraphBuilder, x: string, like: string): string {
  const shape = b.shape(like);
  const own = b.shape(x);
  if (shape !== undefined && own !== undefined && sameShape(shape, own)) return x;
  const target = shape === undefined ? undefined : reshapeTarget(shape, own);
  const out = b.op('Reshape', [x, target === undefined ? b.op('Shape', [like]) : b.ints(target)]);
  const type = b.type(like);
  if (type !== undefined) b.declare(out, { dtype: b.dtype(x), shape: type.shape });
  return out;
}

/** The constant that Reshape needs to reach `shape`, or undefined if more than one size is unknown. */
export function reshapeTarget(shape: Shape, from: Shape | undefined): number[] | undefined {
  const out: number[] = [];
  let free = 0;
  for (const [i, d] of shape.entries()) {
    if (typeof d === 'number') {
      if (d === 0) return undefined;
      out.push(d);
    } else if (from !== undefined && from[i] === d) out.push(0);
    else {
      out.push(-1);
      free++;
    }
  }
  return free > 1 ? undefined : out;
}

/** `x` broadcast to the shape of `like`. */
export function expandLike(b: GraphBuilder, x: string, like: string): string {
  const shape = b.shape(like);
  const own = b.shape(x);
  if (shape !== undefined && own !== undefined && sameShape(shape, own)) return x;
  const out = b.op('Expand', [x, shapeOf(b, like)]);
  const type = b.type(like);
  if (type !== undefined) b.declare(out, { dtype: b.dtype(x), shape: type.shape });
  return out;
}

/** Zeros in the shape of `like` and the type of its gradient. */
export function zerosLike(b: GraphBuilder, like: string): string {
  return expandLike(b, b.scalar(0, gradientType(b, like)), like);
}

/**
 * `gradient` in the shape of `x`: summed over the axes along which `x` was broadcast, spread along those where a rule
 * left size 1 because all elements have the same. What the known sizes do not decide is computed in the graph.
 * @throws Error where the sizes known contradict each other
 */
export function unbroadcast(b: GraphBuilder, gradient: string, x: string): string {
  const [to, from] = [b.shape(x), b.shape(gradient)];
  if (to === undefined || from === undefined) return fitAtRun(b, gradient, x);
  if (sameShape(to, from)) return gradient;
  const lead = from.length - to.length;
  const size = (i: number): Dim => from[i + lead] ?? 1;
  const contradict = (d: Dim, i: number): boolean =>
    typeof d === 'number' && typeof size(i) === 'number' && d !== 1 && size(i) !== 1 && d !== size(i);
  if (to.some(contradict))
    throw new Error(`it has the shape [${from.join(', ')}] where "${x}" has [${to.join(', ')}]`);
  const axes = from.flatMap((d, i) => (i < lead || (to[i - lead] === 1 && d !== 1) ? [i] : []));
  let out = axes.length === 0 ? gradient : reduceSum(b, gradient, axes);
  if (lead > 0) out = b.op('Squeeze', [out, b.ints(axes.filter((i) => i < lead))]);
  const open = to.some((d, i) => d !== 1 && size(i) !== 1 && d !== size(i));
  if (open) return fitAtRun(b, out, x);
  return to.every((d, i) => d === 1 || d === size(i)) ? out : expandLike(b, out, x);
}

/**
 * The same with the sizes of the run: a sum over the axes in which `x` has size 1 changes nothing where the gradient
 * has size 1 too. Sizes that do not fit end the run.
 */
function fitAtRun(b: GraphBuilder, gradient: string, x: string): string {
  const [rank, to] = [b.shape(gradient)?.length, b.shape(x)];
  const aligned = rank !== undefined && rank === to?.length;
  const shape = shapeOf(b, x);
  const ones = (sizes: string): string =>
    b.op('ConstantOfShape', [sizes], { value: { type: 'tensor', value: int64([1]) } });
  // Both get the rank of the larger, by ones at the front.
  const raised = aligned ? gradient : b.op('Expand', [gradient, ones(b.op('Shape', [shape]))]);
  const more = (): string => sub(b, b.op('Shape', [b.op('Shape', [raised])]), b.op('Shape', [shape]));
  const target = aligned ? shape : b.op('Concat', [ones(more()), shape], { axis: 0 });
  const single = b.op('NonZero', [b.op('Equal', [target, b.ints([1])])]);
  const axes = b.op('Squeeze', [single, b.ints([0])]);
  const summed = b.op('ReduceSum', [raised, axes], { keepdims: 1, noop_with_empty_axes: 1 });
  const spread = b.op('Expand', [summed, target]);
  return aligned ? spread : b.op('Reshape', [spread, shape], { allowzero: 1 });
}
