import { distance } from '../tensor/index.ts';
import type { Points, Sample } from './courses.ts';

/** Part of a course: asks, and comes to a value. */
export type Search<T> = Generator<Points, T, readonly boolean[]>;

export function* fooledBy(point: Float32Array): Search<boolean> {
  const [fooled = false] = yield { points: [point] };
  return fooled;
}

/**
 * Where the attack is to begin, if that fools the model. A clean image that itself does is asked for ever: nothing nearer
 * can be found, and what ends an attack from outside are its questions.
 */
export function* begun({ clean, start }: Sample): Search<Float32Array | undefined> {
  const begin = start.slice();
  const clear = start.every((v, i) => v === clean[i]);
  for (;;) {
    const [fooled] = yield { points: [begin], find: true };
    if (fooled !== true) return undefined;
    if (!clear) return begin;
  }
}

/** A point that fools the model: where the attack is to begin, if that does, else {@link noise}. */
export function* firstFind(sample: Sample): Search<Float32Array> {
  const begin = yield* begun(sample);
  if (begin !== undefined) return begin;
  for (let draw = 0; ; draw++) {
    const point = noise(sample, draw);
    if (yield* fooledBy(point)) return point;
  }
}

/**
 * A random image, uniform in the pixel range per entry and per block of ever larger size in turn, as noise of single
 * pixels is the same class on many networks.
 */
export function noise({ shape: [channels, height, width], stream }: Sample, draw: number): Float32Array {
  const largest = Math.ceil(Math.log2(Math.max(height, width)));
  const side = 2 ** (draw % (largest + 1));
  const across = Math.ceil(width / side);
  const levels = new Float32Array(channels * Math.ceil(height / side) * across);
  stream('start', draw).fillUniform(levels, 0, 1);
  const perChannel = levels.length / channels;
  const out = new Float32Array(channels * height * width);
  for (let c = 0, at = 0; c < channels; c++)
    for (let i = 0; i < height; i++)
      for (let j = 0; j < width; j++, at++)
        out[at] = levels[c * perChannel + Math.floor(i / side) * across + Math.floor(j / side)] as number;
  return out;
}

/** The point at this share of the way to `far`; for linf the change cut at this share of its largest entry. */
export function between(
  clean: Float32Array,
  far: Float32Array,
  share: number,
  norm: 'l2' | 'linf',
): Float32Array {
  if (norm === 'l2') return clean.map((c, i) => c + share * ((far[i] as number) - c));
  const radius = share * distance(clean, far, 'linf', 1);
  return clean.map((c, i) => c + Math.min(radius, Math.max(-radius, (far[i] as number) - c)));
}

/**
 * Bisects between the clean image and a point that fools the model.
 * @param tolerance share of the way between the two ends at which it stops
 * @returns the end that fools the model
 */
export function* bisected(
  { clean }: Sample,
  far: Float32Array,
  norm: 'l2' | 'linf',
  tolerance: number,
): Search<Float32Array> {
  let [low, high, best] = [0, 1, far];
  while (high - low > tolerance) {
    const middle = (low + high) / 2;
    const point = between(clean, far, middle, norm);
    if (yield* fooledBy(point)) [high, best] = [middle, point];
    else low = middle;
  }
  return best;
}

/** Asks about a point as it will be judged, a little further off where rounding has taken it over the border. */
export function* kept({ clean, exact }: Sample, point: Float32Array): Search<void> {
  if (exact) return;
  for (const further of [1, 1.01, 1.03]) {
    const asked = clean.map((c, i) => c + further * ((point[i] as number) - c));
    const [fooled] = yield { points: [asked], find: true };
    if (fooled === true) return;
  }
}

/** The direction that fools the model, by its neighbours y: Σ (φ − φ̄)(y − x), φ alone where all are alike. */
export function* normalAt(x: Float32Array, neighbours: readonly Float32Array[]): Search<Float64Array> {
  const answers = yield { points: neighbours };
  const signs = answers.map((fooled) => (fooled ? 1 : -1));
  const mean = signs.reduce((a, s) => a + s, 0) / signs.length;
  const base = Math.abs(mean) === 1 ? 0 : mean;
  const out = new Float64Array(x.length);
  for (const [k, point] of neighbours.entries())
    for (let i = 0; i < out.length; i++)
      out[i] = (out[i] as number) + ((signs[k] as number) - base) * ((point[i] as number) - (x[i] as number));
  return out;
}
