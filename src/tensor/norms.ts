import type { Tensor } from './tensor.ts';

export const norms = ['linf', 'l2', 'l1', 'l0'] as const;

/** How the size of a change is measured. `l0` counts entries (channels of a pixel apart), not pixels. */
export type Norm = (typeof norms)[number];

/**
 * The norm of a - b for each row (index of the first axis), accumulated in float64.
 * @param a float32, or 8-bit images: these are measured in units of [0,1], that is levels / 255.
 * @param b the same type and shape
 * @returns one number per row; for `l0` the count of entries that differ. NaN where an entry is NaN.
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
  const unit = a.dtype === 'uint8' && norm !== 'l0' ? 255 : 1;
  const out = new Float64Array(count);
  for (let n = 0; n < count; n++) {
    const from = n * size;
    out[n] = measure(a.data, b.data, from, from + size, norm) / unit;
  }
  return out;
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

function measure(
  a: Float32Array | Uint8Array,
  b: Float32Array | Uint8Array,
  from: number,
  to: number,
  norm: Norm,
): number {
  let total = 0;
  switch (norm) {
    case 'linf':
      // Math.max and not a comparison, so that NaN is seen.
      for (let i = from; i < to; i++) total = Math.max(total, Math.abs((a[i] as number) - (b[i] as number)));
      return total;
    case 'l2':
      for (let i = from; i < to; i++) {
        const d = (a[i] as number) - (b[i] as number);
        total += d * d;
      }
      return Math.sqrt(total);
    case 'l1':
      for (let i = from; i < to; i++) total += Math.abs((a[i] as number) - (b[i] as number));
      return total;
    case 'l0':
      for (let i = from; i < to; i++) if (a[i] !== b[i]) total++;
      return total;
  }
}
