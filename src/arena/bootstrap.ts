import { type Estimate, quantile, randomOf } from '../tensor/index.ts';

export const resamples = 2000;

/**
 * Sums over the images of a dataset and over resamples of it (Efron 1979). All figures use the same resamples, so
 * that two of them are compared on equal images, and their difference has a paired interval.
 */
export interface Bootstrap {
  /** @param values one per image @returns the sum over the dataset, then over each resample */
  sums(values: ArrayLike<number>): Float64Array;
}

/** @param count of images, at least 1 */
export function bootstrap(count: number, seed: number): Bootstrap {
  const random = randomOf(seed, 'judge').stream('', 'bootstrap');
  // Row 0 is the dataset itself; then how often each resample has each image.
  const weights = new Uint16Array((resamples + 1) * count).fill(1, 0, count);
  for (let b = 1; b <= resamples; b++)
    for (let i = 0; i < count; i++) {
      const at = b * count + random.integer(count);
      weights[at] = (weights[at] as number) + 1;
    }
  return {
    sums(values) {
      const out = new Float64Array(resamples + 1);
      for (let b = 0; b <= resamples; b++) {
        let sum = 0;
        const from = b * count;
        for (let i = 0; i < count; i++) sum += (weights[from + i] as number) * (values[i] as number);
        out[b] = sum;
      }
      return out;
    },
  };
}

/**
 * The figure with its 95 % percentile interval.
 * @param figures of the dataset, then of each resample; NaN where a resample has none
 */
export function estimate(figures: Float64Array): Estimate {
  const sorted = figures
    .subarray(1)
    .filter((f) => !Number.isNaN(f))
    .toSorted();
  const value = figures[0] as number;
  if (sorted.length === 0) return { value, low: value, high: value };
  return { value, low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
}

/** Quotient of sums, figure by figure; NaN over nothing. */
export function ratio(numerator: Float64Array, denominator: Float64Array): Float64Array {
  return numerator.map((n, b) => n / (denominator[b] as number));
}

/** Sum of several figures; zeros for none. */
export function total(parts: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(resamples + 1);
  for (const part of parts)
    for (let b = 0; b < out.length; b++) out[b] = (out[b] as number) + (part[b] as number);
  return out;
}

/** The smallest of several figures in each resample; NaN where all are. */
export function least(parts: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(resamples + 1).fill(Number.NaN);
  for (const part of parts)
    for (let b = 0; b < out.length; b++) {
      const value = part[b] as number;
      if (!(value >= (out[b] as number)) && !Number.isNaN(value)) out[b] = value;
    }
  return out;
}
