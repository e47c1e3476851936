/** A figure with its 95 % interval. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}

/** The 97.5 % quantile of the normal distribution: half the width of a 95 % interval, in standard errors. */
export const normalQuantile = 1.959963984540054;

/** How many of some bits are one. @param bits 0 and 1, or a text of `0` and `1` */
export function ones(bits: Iterable<number | string>): number {
  let count = 0;
  for (const bit of bits) count += Number(bit);
  return count;
}

/**
 * Linear between the order statistics (type 7 of Hyndman and Fan 1996, as R and NumPy by default).
 * @param sorted in ascending order
 * @param share in [0,1]: 0 gives the smallest value, 1 the largest
 * @throws RangeError without values, or for a share out of range
 */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) throw new RangeError('no values to take a quantile of');
  if (!(share >= 0 && share <= 1)) throw new RangeError(`share ${share} is not in [0, 1]`);
  const at = (sorted.length - 1) * share;
  const below = Math.floor(at);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  return low + (high - low) * (at - below);
}

/** The middle value, or the mean of the middle two. @param values in any order @throws RangeError without values */
export function median(values: readonly number[]): number {
  return quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}

/**
 * The mean with its 95 % interval by the normal approximation, for dozens of values or more: of differences, the
 * paired one.
 * @throws RangeError without values
 */
export function meanEstimate(values: readonly number[]): Estimate {
  const count = values.length;
  if (count === 0) throw new RangeError('no values to take a mean of');
  const mean = values.reduce((sum, v) => sum + v, 0) / count;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / Math.max(1, count - 1);
  const half = normalQuantile * Math.sqrt(variance / count);
  return { value: mean, low: mean - half, high: mean + half };
}

/**
 * Share of successes among `trials` with its 95 % score interval (Wilson 1927, JASA 22, 209).
 * Right also near 0 and 1, where the interval of the normal approximation leaves [0,1] or vanishes.
 * Without trials nothing is known: 0 with the interval [0,1].
 */
export function wilson(successes: number, trials: number): Estimate {
  if (trials === 0) return { value: 0, low: 0, high: 1 };
  const p = successes / trials;
  const z = normalQuantile;
  const scale = 1 + (z * z) / trials;
  const centre = (p + (z * z) / (2 * trials)) / scale;
  const half = (z / scale) * Math.sqrt((p * (1 - p)) / trials + (z * z) / (4 * trials * trials));
  // At the ends the formula gives 0 and 1 up to rounding.
  return {
    value: p,
    low: successes === 0 ? 0 : centre - half,
    high: successes === trials ? 1 : centre + half,
  };
}

/**
 * How likely at least so many wins are where wins and losses are equally likely: the exact sign test, one-sided; for
 * two answers about the same images McNemar's (1947, Psychometrika 12, 153). 1 without either.
 */
export function signTest(wins: number, losses: number): number {
  const total = wins + losses;
  // The logarithm of (total choose k) / 2^total, by recursion from k = total down.
  let log = -total * Math.LN2;
  let sum = 0;
  for (let k = total; k >= wins; k--) {
    sum += Math.exp(log);
    log += Math.log(k) - Math.log(total - k + 1);
  }
  return Math.min(1, sum);
}
