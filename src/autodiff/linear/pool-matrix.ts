import type { Windows } from '../../onnx/index.ts';
import { windowCount, windowSpan } from '../../onnx/index.ts';
import type { AxisMatrix } from './axis-matrix.ts';
import { addWeight, emptyMatrix } from './axis-matrix.ts';

/**
 * What a pool does along one axis.
 * @param divide `sum` adds the elements of a window; `valid` divides by how many lie in the input; `padded` by how
 *   many lie in the input or its padding, the overhang of ceil_mode not counted
 */
export function poolMatrix(
  w: Windows,
  axis: number,
  size: number,
  divide: 'sum' | 'valid' | 'padded',
): AxisMatrix {
  const stride = w.strides[axis] as number;
  const dilation = w.dilations[axis] as number;
  const begin = w.begin[axis] as number;
  const limit = size + (w.end[axis] as number);
  const matrix = emptyMatrix(windowCount(w, axis, size) as number, size);
  for (let i = 0; i < matrix.outputs; i++) {
    const from = i * stride - begin;
    const inside: number[] = [];
    let padded = 0;
    for (let j = from; j < from + windowSpan(w, axis); j += dilation) {
      if (j < limit) padded++;
      if (j >= 0 && j < size) inside.push(j);
    }
    const count = divide === 'sum' ? 1 : divide === 'valid' ? inside.length : padded;
    for (const j of inside) addWeight(matrix, i, j, 1 / count);
  }
  return matrix;
}
