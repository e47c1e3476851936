import type { GraphBuilder } from '../../onnx/index.ts';
import { onnxType } from '../../onnx/index.ts';
import { add, castTo, div, mul, scale, sub } from '../emit.ts';
import type { AxisResize } from './resize-matrix.ts';

/** What a Resize does along one axis whose sizes only the run shows: tensors of one number. */
export interface AxisAtRun {
  /** int64. */
  readonly inputs: string;
  /** int64. */
  readonly outputs: string;
  /** float32. */
  readonly scale: string;
  /** float32; absent where nothing is cropped. */
  readonly region: readonly [string, string] | undefined;
}

/** How it interpolates. */
export type Interpolation = Omit<AxisResize, 'inputs' | 'outputs' | 'scale' | 'region'>;

/** As resizeMatrix, computed in the graph: float32 [outputs, inputs]. */
export function resizeMatrixAtRun(b: GraphBuilder, axis: AxisAtRun, how: Interpolation): string {
  const inputs = castTo(b, axis.inputs, 'float32');
  const last = sub(b, inputs, b.scalar(1));
  const at = sourceCoordinates(b, axis, how.coordinates);
  const column = b.op('Unsqueeze', [at, b.ints([1])]);
  const pixels = range(b, b.scalar(0), inputs);
  const matrix = interpolation(b, { axis, how, inputs, last, column, pixels });
  if (how.coordinates !== 'tf_crop_and_resize') return matrix;
  // What lies outside the region is filled with a constant.
  const inside = b.op('And', [
    b.op('GreaterOrEqual', [column, b.scalar(0)]),
    b.op('LessOrEqual', [column, last]),
  ]);
  return b.op('Where', [inside, matrix, b.scalar(0)]);
}

interface Places {
  readonly axis: AxisAtRun;
  readonly how: Interpolation;
  /** Their number and the last index, as float32. */
  readonly inputs: string;
  readonly last: string;
  /** Where each output lies on the input's axis, [outputs, 1]. */
  readonly column: string;
  /** The indices of the inputs. */
  readonly pixels: string;
}

function interpolation(b: GraphBuilder, places: Places): string {
  const { axis, how, inputs, last, column, pixels } = places;
  const clip = (x: string): string => b.op('Clip', [x, b.scalar(0), last]);
  const one = b.scalar(1);
  if (how.mode === 'nearest') return same(b, clip(nearest(b, column, how.nearestMode)), pixels);
  if (how.mode === 'linear' && !how.antialias)
    return b.op('Relu', [sub(b, one, b.op('Abs', [sub(b, clip(column), pixels)]))]);
  const shrink = how.antialias ? b.op('Min', [one, axis.scale]) : one;
  const kernel = (p: string): string => {
    const distance = b.op('Abs', [mul(b, sub(b, column, p), shrink)]);
    return how.mode === 'linear'
      ? b.op('Relu', [sub(b, one, distance)])
      : cubicKernel(b, distance, how.cubicCoefficient);
  };
  const normalized = (w: string): string => div(b, w, b.op('ReduceSum', [w, b.ints([1])], { keepdims: 1 }));
  if (how.excludeOutside) return normalized(kernel(pixels));
  // Weights outside the axis go to its ends.
  const support = b.op('Ceil', [div(b, b.scalar(2), shrink)]);
  const beyond = add(b, support, one);
  const all = range(b, b.op('Neg', [beyond]), add(b, inputs, beyond));
  const weights = how.antialias ? normalized(kernel(all)) : kernel(all);
  const ends = same(b, b.op('Unsqueeze', [clip(all), b.ints([1])]), pixels);
  return b.op('MatMul', [weights, ends]);
}

/** Where each output lies on the input's axis (`coordinate_transformation_mode`). */
function sourceCoordinates(b: GraphBuilder, axis: AxisAtRun, coordinates: string): string {
  const [inputs, outputs] = [axis.inputs, axis.outputs].map((n) => castTo(b, n, 'float32')) as [
    string,
    string,
  ];
  const i = range(b, b.scalar(0), outputs);
  const [zero, half, one] = [0, 0.5, 1].map((v) => b.scalar(v)) as [string, string, string];
  const centred = (): string => div(b, add(b, i, half), axis.scale);
  const ifSingle = (single: string, x: string): string =>
    b.op('Where', [b.op('Equal', [outputs, one]), single, x]);
  // Where there is one output alone, what is divided by is not asked for.
  const steps = b.op('Max', [sub(b, outputs, one), one]);
  const last = sub(b, inputs, one);
  switch (coordinates) {
    case 'asymmetric':
      return div(b, i, axis.scale);
    case 'align_corners':
      return ifSingle(zero, div(b, mul(b, i, last), steps));
    case 'pytorch_half_pixel':
      return ifSingle(zero, sub(b, centred(), half));
    case 'tf_half_pixel_for_nn':
      return b.op('Where', [b.op('Equal', [axis.scale, one]), i, centred()]);
    case 'half_pixel_symmetric': {
      const adjustment = div(b, outputs, mul(b, axis.scale, inputs));
      const offset = mul(b, scale(b, inputs, 0.5), sub(b, one, adjustment));
      return sub(b, add(b, offset, centred()), half);
    }
    case 'tf_crop_and_resize': {
      const [start, end] = axis.region ?? [zero, one];
      const middle = mul(b, scale(b, add(b, start, end), 0.5), last);
      const step = div(b, mul(b, sub(b, end, start), last), steps);
      return ifSingle(middle, add(b, mul(b, start, last), mul(b, i, step)));
    }
    default:
      return sub(b, centred(), half);
  }
}

function nearest(b: GraphBuilder, at: string, mode: string): string {
  const half = b.scalar(0.5);
  switch (mode) {
    case 'floor':
      return b.op('Floor', [at]);
    case 'ceil':
      return b.op('Ceil', [at]);
    case 'round_prefer_ceil':
      return b.op('Floor', [add(b, at, half)]);
    default:
      return b.op('Ceil', [sub(b, at, half)]);
  }
}

/** Keys' cubic convolution kernel with parameter a, of a distance d ≥ 0. */
function cubicKernel(b: GraphBuilder, d: string, a: number): string {
  const polynomial = (c: readonly number[]): string =>
    c.slice(1).reduce((sum, k) => add(b, mul(b, sum, d), b.scalar(k)), b.scalar(c[0] as number));
  const far = b.op('Where', [
    b.op('Less', [d, b.scalar(2)]),
    polynomial([a, -5 * a, 8 * a, -4 * a]),
    b.scalar(0),
  ]);
  return b.op('Where', [b.op('LessOrEqual', [d, b.scalar(1)]), polynomial([a + 2, -(a + 3), 0, 1]), far]);
}

/** 1 where the columns of `x` and `y` are equal. */
function same(b: GraphBuilder, x: string, y: string): string {
  return b.op('Cast', [b.op('Equal', [x, y])], { to: onnxType('float32') });
}

/** Whole numbers from one to the other, without that, in float32. */
function range(b: GraphBuilder, from: string, to: string): string {
  return b.op('Range', [from, to, b.scalar(1)]);
}

/**
 * Σ_i matrix[i, j]·x[.., i, ..] along one axis.
 * @param rank of x
 */
export function applyTransposed(
  b: GraphBuilder,
  x: string,
  matrix: string,
  axis: number,
  rank: number,
): string {
  const typed = castTo(b, matrix, b.dtype(x));
  if (axis === rank - 1) return b.op('MatMul', [x, typed]);
  if (axis === rank - 2) return b.op('MatMul', [b.op('Transpose', [typed], { perm: [1, 0] }), x]);
  const perm = Array.from({ length: rank }, (_, i) => i)
    .with(axis, rank - 1)
    .with(rank - 1, axis);
  const product = b.op('MatMul', [b.op('Transpose', [x], { perm }), typed]);
  return b.op('Transpose', [product], { perm });
}
