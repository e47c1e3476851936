import { digest, mostBlocks, philoxBlocks } from './philox.ts';

/** Names one stream of random numbers. Two keys that differ in any field give unrelated streams. */
export interface RandomKey {
  /** A number and the string that it prints as are one seed. */
  seed: number | string;
  /** Whose numbers: an attack, the judge, a defense. */
  role: string;
  /** Id of the sample; '' where there is none. */
  sample: string;
  /** What for, e.g. `start`. */
  purpose: string;
  /** Which of several draws, a whole number from 0. */
  draw: number;
}

/** Numbers of one key, in an order that is fixed for ever. */
export interface RandomStream {
  /** A whole number in [0, 2^32). */
  uint32(): number;
  /** In [0,1), a multiple of 2^-53. */
  uniform(): number;
  /** Standard normal (Box-Muller). */
  normal(): number;
  /** A whole number in [0, n), each equally likely; 1 <= n <= 2^32. @throws RangeError for another n */
  integer(n: number): number;
  /** 1 or -1. */
  sign(): number;
  /** The numbers 0 to n - 1 in random order (Fisher-Yates). */
  permutation(n: number): Uint32Array;
  /** Fills with low + (high - low) u, u in [0,1) a multiple of 2^-24; rounding to float32 may reach high. */
  fillUniform(out: Float32Array, low: number, high: number): void;
  /** Fills with normal numbers. */
  fillNormal(out: Float32Array, mean: number, sd: number): void;
}

/** Random numbers bound to a seed and a role: what an attack or a defense receives as `random`. */
export interface RandomSource {
  /** @param draw 0 by default */
  stream(sample: string, purpose: string, draw?: number): RandomStream;
  /** Streams of their own for something within: an attack within an attack shares none. */
  child(name: string): RandomSource;
}

/** The stream of a key: Philox4x32-10 in counter mode. @throws RangeError if draw is not a whole number from 0 */
export function stream(key: RandomKey): RandomStream {
  if (!Number.isSafeInteger(key.draw) || key.draw < 0)
    throw new RangeError(`draw ${key.draw} is not a whole number from 0`);
  return new PhiloxStream(digest([String(key.seed), key.role, key.sample, key.purpose], key.draw));
}

/** Streams of one seed and role. */
export function randomOf(seed: number | string, role: string): RandomSource {
  return Object.freeze({
    stream: (sample: string, purpose: string, draw = 0) => stream({ seed, role, sample, purpose, draw }),
    // Written so that no two paths of names are one role.
    child: (name: string) => randomOf(seed, JSON.stringify([role, name])),
  });
}

class PhiloxStream implements RandomStream {
  // The digest's 128 bits: 64 are the key, 64 the upper half of the counter; the lower half counts blocks.
  private readonly key: { k0: number; k1: number; c2: number; c3: number };
  private words = new Uint32Array(0);
  private low = 0;
  private high = 0;
  private used = 0;
  private spare: number | undefined;

  constructor(digest: Uint32Array) {
    const [k0, k1, c2, c3] = digest as unknown as [number, number, number, number];
    this.key = { k0, k1, c2, c3 };
  }

  uint32(): number {
    if (this.used === this.words.length) this.refill();
    return this.words[this.used++] as number;
  }

  /** One block at first, for many streams are short; then twice as many each time. */
  private refill(): void {
    const { key, low, high } = this;
    const wanted = Math.min(mostBlocks, Math.max(1, this.words.length / 2), 2 ** 32 - low);
    this.words = philoxBlocks(wanted, low, high, key).slice();
    this.used = 0;
    this.low = (low + this.words.length / 4) >>> 0;
    if (this.low === 0) this.high = (high + 1) >>> 0;
  }

  uniform(): number {
    const high = this.uint32() >>> 5;
    return (high * 2 ** 26 + (this.uint32() >>> 6)) / 2 ** 53;
  }

  normal(): number {
    if (this.spare !== undefined) {
      const value = this.spare;
      this.spare = undefined;
      return value;
    }
    // (0,1], so that the logarithm is finite.
    const radius = Math.sqrt(-2 * Math.log((this.uint32() + 1) / 2 ** 32));
    const angle = (2 * Math.PI * this.uint32()) / 2 ** 32;
    this.spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  integer(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32)
      throw new RangeError(`cannot draw a whole number below ${n}`);
    const fair = 2 ** 32 - (2 ** 32 % n);
    let value = this.uint32();
    while (value >= fair) value = this.uint32();
    return value % n;
  }

  sign(): number {
    return this.uint32() < 2 ** 31 ? 1 : -1;
  }

  permutation(n: number): Uint32Array {
    const out = Uint32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const kept = out[i] as number;
      out[i] = out[j] as number;
      out[j] = kept;
    }
    return out;
  }

  fillUniform(out: Float32Array, low: number, high: number): void {
    const step = (high - low) / 2 ** 24;
    for (let i = 0; i < out.length; ) {
      if (this.used === this.words.length) this.refill();
      const { words, used } = this;
      const count = Math.min(out.length - i, words.length - used);
      for (let j = 0; j < count; j++) out[i + j] = low + step * ((words[used + j] as number) >>> 8);
      this.used += count;
      i += count;
    }
  }

  fillNormal(out: Float32Array, mean: number, sd: number): void {
    for (let i = 0; i < out.length; i++) out[i] = mean + sd * this.normal();
  }
}
