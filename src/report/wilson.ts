import type { Estimate } from '../arena/index.ts';

/** The 97.5 % quantile of the normal distribution. */
const z = 1.959963984540054;

/**
 * Share of successes among `trials` with its 95 % score interval (Wilson 1927, JASA 22, 209).
 * Right also near 0 and 1, where the interval of the normal approximation leaves [0,1] or vanishes.
 * Without trials nothing is known: 0 with the interval [0,1].
 */
export function wilson(successes: number, trials: number): Estimate {
  if (trials === 0) return { value: 0, low: 0, high: 1 };
  const p = successes / trials;
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
