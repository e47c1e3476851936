import type { Tensor } from './tensor.ts';

export const norms = ['linf', 'l2', 'l1', 'l0', 'l0-entries'] as const;

/**
 * How the size of a change is measured. `l0` counts the pixels of which any channel differs, `l0-entries` counts
 * entries, channels of a pixel apart.
 */
export type Norm = (typeof norms)[number];

/**
 * The norm of a - b for each row (index of the first axis), accumulated in float64.
 * @param a float32, or 8-bit images: these are measured in units of [0,1], that is levels / 255. [N, C, ...], channels
 * on axis 1; of tensors of fewer than three axes each entry is a pixel
 * @param b the same type and shape
 * @returns one number per row; for `l0` and `l0-entries` the count of what differs. NaN where an entry is NaN, which
 * counts as different.
 * @throws RangeError if the types or shapes differ
 */
export function distances(a: Tensor, b: Tensor, norm: Norm): Float64Array;
export function distances(a: Tensor<'uint8'>, b: Tensor<'uint8'>, norm: Norm): Float64Array;
export function distances(
  a: Tensor | Tensor<'uint8'>,
  b: Tensor | Tensor<'uint8'>,
  norm: Norm,
): Float64Array {
  checkAlike(a, b);
  const count = a.shape[0] ?? 1;
  const size = count === 0 ? 0 : a.data.length / count;
  const channels = channelsOf(a.shape);
  const out = new Float64Array(count);
  for (let n = 0; n < count; n++) {
    const [from, to] = [n * size, (n + 1) * size];
    out[n] = distance(a.data.subarray(from, to), b.data.subarray(from, to), norm, channels);
  }
  return out;
}

/** Whether a norm counts, so that its radius is a whole number and no tolerance makes sense. */
export function isCount(norm: Norm): boolean {
  return norm === 'l0' || norm === 'l0-entries';
}

/** Entries of each pixel: the length of axis 1, or 1 where a shape has fewer than three axes. */
export function channelsOf(shape: readonly number[]): number {
  return shape.length < 3 ? 1 : (shape[1] as number);
}

/** @throws RangeError unless both tensors have one type and one shape */
export function checkAlike(
  a: { dtype: string; shape: readonly number[] },
  b: { dtype: string; shape: readonly number[] },
): void {
  if (a.dtype !== b.dtype || a.shape.join() !== b.shape.join())
    throw new RangeError(
      `${a.dtype} [${a.shape.join(', ')}] cannot be compared with ${b.dtype} [${b.shape.join(', ')}]`,
    );
}

/** The length of a vector, accumulated in float64. */
export function lengthOf(values: Float32Array | Float64Array, norm: 'linf' | 'l2' | 'l1'): number {
  let total = 0;
  if (norm === 'linf') for (const v of values) total = Math.max(total, Math.abs(v));
  else if (norm === 'l2') for (const v of values) total += v * v;
  else for (const v of values) total += Math.abs(v);
  return norm === 'l2' ? Math.sqrt(total) : total;
}

/** {@link distances} of one row, [channels, ...]. */
export function distance(
  a: Float32Array | Uint8Array,
  b: Float32Array | Uint8Array,
  norm: Norm,
  channels: number,
): number {
  const unit = a instanceof Uint8Array ? 255 : 1;
  let total = 0;
  switch (norm) {
    case 'linf':
      // Math.max and not a comparison, so that NaN is seen.
      for (let i = 0; i < a.length; i++)
        total = Math.max(total, Math.abs((a[i] as number) - (b[i] as number)));
      return total / unit;
    case 'l2':
      for (let i = 0; i < a.length; i++) {
        const d = (a[i] as number) - (b[i] as number);
        total += d * d;
      }
      return Math.sqrt(total) / unit;
    case 'l1':
      for (let i = 0; i < a.length; i++) total += Math.abs((a[i] as number) - (b[i] as number));
      return total / unit;
    case 'l0':
      return differing(a, b, channels);
    case 'l0-entries':
      return differing(a, b, 1);
  }
}

/** Pixels that differ in any of their channels, which lie `a.length / channels` apart. */
function differing(a: ArrayLike<number>, b: ArrayLike<number>, channels: number): number {
  const pixels = a.length / channels;
  let count = 0;
  for (let p = 0; p < pixels; p++)
    for (let i = p; i < a.length; i += pixels)
      if (a[i] !== b[i]) {
        count++;
        break;
      }
  return count;
}
