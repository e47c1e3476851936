import type { RandomStream } from '../../tensor/index.ts';

export function between(random: RandomStream, low: number, high: number): number {
  return low + (high - low) * random.uniform();
}

export function chance(random: RandomStream, probability: number): boolean {
  return random.uniform() < probability;
}

export function pick<T>(random: RandomStream, choices: readonly T[]): T {
  return choices[random.integer(choices.length)] as T;
}

/** Normal, cut off at a number of `limit` from the mean. */
export function about(random: RandomStream, mean: number, sd: number, limit: number): number {
  return mean + Math.min(limit, Math.max(-limit, sd * random.normal()));
}

/** A seed for {@link noiseField}. */
export function noiseSeed(random: RandomStream): number {
  return random.uint32() | 0;
}
