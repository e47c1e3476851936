import type { AxisMatrix } from './axis-matrix.ts';
import { addWeight, emptyMatrix } from './axis-matrix.ts';

/** What a Resize does along one axis. */
export interface AxisResize {
  readonly inputs: number;
  readonly outputs: number;
  /** What coordinates are divided by. */
  readonly scale: number;
  readonly mode: 'nearest' | 'linear' | 'cubic';
  readonly coordinates: string;
  readonly nearestMode: string;
  /** Start and end of the region that tf_crop_and_resize takes, in units of the last index. */
  readonly region: readonly [number, number];
  readonly cubicCoefficient: number;
  readonly excludeOutside: boolean;
  readonly antialias: boolean;
}

/** The weights with which the runtime interpolates along one axis, coordinates in its single precision. */
export function resizeMatrix(r: AxisResize): AxisMatrix {
  const matrix = emptyMatrix(r.outputs, r.inputs);
  for (let i = 0; i < r.outputs; i++) {
    const at = sourceCoordinate(r, i);
    // What lies outside the region is filled with a constant.
    if (r.coordinates === 'tf_crop_and_resize' && (at < 0 || at > r.inputs - 1)) continue;
    if (r.mode === 'nearest') addWeight(matrix, i, clamp(nearestIndex(r, at), r.inputs), 1);
    else if (r.antialias) addFiltered(matrix, i, at, r);
    else if (r.mode === 'linear') addLinear(matrix, i, at);
    else addCubic(matrix, i, at, r);
  }
  return matrix;
}

/** Where output i lies on the input's axis (`coordinate_transformation_mode`). */
function sourceCoordinate(r: AxisResize, i: number): number {
  const { inputs, outputs, scale } = r;
  if (scale === 1 && r.coordinates !== 'tf_crop_and_resize') return i;
  const halfPixel = (): number => Math.fround(Math.fround((i + 0.5) / scale) - 0.5);
  switch (r.coordinates) {
    case 'asymmetric':
      return Math.fround(i / scale);
    case 'align_corners':
      return outputs === 1 ? 0 : Math.fround((i * (inputs - 1)) / (outputs - 1));
    case 'pytorch_half_pixel':
      return outputs > 1 ? halfPixel() : 0;
    case 'tf_half_pixel_for_nn':
      return Math.fround((i + 0.5) / scale);
    case 'half_pixel_symmetric': {
      const adjustment = outputs / (scale * inputs);
      return (inputs / 2) * (1 - adjustment) + (i + 0.5) / scale - 0.5;
    }
    case 'tf_crop_and_resize': {
      const [start, end] = r.region;
      if (outputs === 1) return 0.5 * (start + end) * (inputs - 1);
      return start * (inputs - 1) + (i * (end - start) * (inputs - 1)) / (outputs - 1);
    }
    default:
      return halfPixel();
  }
}

function nearestIndex(r: AxisResize, at: number): number {
  switch (r.nearestMode) {
    case 'floor':
      return Math.floor(at);
    case 'ceil':
      return Math.ceil(at);
    case 'round_prefer_ceil':
      return Math.floor(at + 0.5);
    default:
      return Math.ceil(at - 0.5);
  }
}

function clamp(index: number, size: number): number {
  return Math.min(Math.max(index, 0), size - 1);
}

function addLinear(matrix: AxisMatrix, i: number, at: number): void {
  const inside = clamp(at, matrix.inputs);
  const left = Math.floor(inside);
  addWeight(matrix, i, left, 1 - (inside - left));
  if (left < matrix.inputs - 1) addWeight(matrix, i, left + 1, inside - left);
}

function addCubic(matrix: AxisMatrix, i: number, at: number, r: AxisResize): void {
  const first = Math.floor(at) - 1;
  addWeights(matrix, i, first, 4, (j) => cubicKernel(at - j, r.cubicCoefficient), r.excludeOutside);
}

/** Shrinking with the kernel widened by the scale, so that every input has a part. */
function addFiltered(matrix: AxisMatrix, i: number, at: number, r: AxisResize): void {
  const shrink = Math.min(1, r.scale);
  const support = (r.mode === 'linear' ? 1 : 2) / shrink;
  const first = Math.floor(at + 0.5 - support + 0.5);
  const last = Math.floor(at + 0.5 + support + 0.5);
  const kernel = (j: number): number => {
    const distance = (at - j) * shrink;
    return r.mode === 'linear'
      ? Math.max(0, 1 - Math.abs(distance))
      : cubicKernel(distance, r.cubicCoefficient);
  };
  addWeights(matrix, i, first, last - first, kernel, r.excludeOutside, true);
}

/**
 * Adds `count` weights from index `first` on. Those outside the axis go to its ends, or are left out and the others
 * made to add up to 1.
 */
function addWeights(
  matrix: AxisMatrix,
  i: number,
  first: number,
  count: number,
  kernel: (j: number) => number,
  exclude: boolean,
  normalize = exclude,
): void {
  const indices = Array.from({ length: count }, (_, k) => first + k).filter(
    (j) => !exclude || (j >= 0 && j < matrix.inputs),
  );
  const weights = indices.map(kernel);
  const total = normalize ? weights.reduce((sum, w) => sum + w, 0) : 1;
  for (const [k, j] of indices.entries())
    addWeight(matrix, i, clamp(j, matrix.inputs), (weights[k] as number) / total);
}

/** Keys' cubic convolution kernel with parameter a. */
function cubicKernel(x: number, a: number): number {
  const d = Math.abs(x);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  if (d < 2) return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return 0;
}
