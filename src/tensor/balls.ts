import { markLargest } from './largest.ts';
import { channelsOf, checkAlike, distance, distances, isCount, type Norm } from './norms.ts';
import { signStep } from './sign-step.ts';
import type { Tensor } from './tensor.ts';

/**
 * Moves each row of `images`, in place, to the nearest point (Euclidean) of the ball around `centre` cut with
 * the pixel box [0,1]; what is inside stays to the bit. The {@link distances} to the centre are at most epsilon: the
 * rounding to float32 is towards the centre where it would leave the ball. An entry that is NaN takes the centre's
 * value.
 * @param images float32 [N, C, ...], channels on axis 1 as in {@link distances}
 * @param centre the same shape, entries in [0,1]
 * @param epsilon radius in pixel units, for l0 a number of pixels, for l0-entries of entries; Infinity leaves the box
 * alone; one for all rows or one per row
 * @throws RangeError if the shapes differ or an epsilon is negative or not a number
 */
export function project(
  images: Tensor,
  centre: Tensor,
  norm: Norm,
  epsilon: number | ArrayLike<number>,
): void {
  checkAlike(images, centre);
  const count = images.shape[0] ?? 1;
  const radii = radiiOf(epsilon, count);
  const size = count === 0 ? 0 : images.data.length / count;
  const channels = channelsOf(images.shape);
  const scratch = new Float64Array(norm === 'linf' ? 0 : size);
  for (let n = 0; n < count; n++) {
    const [from, to] = [n * size, (n + 1) * size];
    const ball = { norm, radius: radii[n] as number, channels };
    projectRow(images.data.subarray(from, to), centre.data.subarray(from, to), ball, scratch);
  }
}

/** The ball of one row, [channels, ...]. */
export interface Ball {
  norm: Norm;
  radius: number;
  channels: number;
}

/** {@link project} for one row. @param scratch of the row's size, not used for linf */
export function projectRow(x: Float32Array, c: Float32Array, ball: Ball, scratch: Float64Array): void {
  const { norm, radius, channels } = ball;
  if (norm === 'linf' || radius === Infinity) return clampToBox(x, c, radius);
  clearNaN(x, c);
  if (distance(x, c, norm, channels) <= radius && inBox(x)) return;
  if (radius === 0) x.set(c);
  else if (norm === 'l2') projectL2(x, c, radius, scratch);
  else if (norm === 'l1') projectL1(x, c, radius, scratch);
  else projectL0(x, c, Math.floor(radius), norm === 'l0' ? channels : 1, scratch);
}

/**
 * For each row: is it inside the ball and inside [0,1]?
 * @param tolerance relative, for the norm alone; counts and the pixel box have none. A row with NaN is outside.
 * @throws RangeError as {@link project}
 */
export function contains(
  images: Tensor,
  centre: Tensor,
  norm: Norm,
  epsilon: number | ArrayLike<number>,
  tolerance = 1e-4,
): boolean[] {
  const measured = distances(images, centre, norm);
  const radii = radiiOf(epsilon, measured.length);
  const size = images.data.length / measured.length;
  return Array.from(
    measured,
    (distance, n) =>
      withinRadius(distance, norm, radii[n] as number, tolerance) &&
      inBox(images.data.subarray(n * size, (n + 1) * size)),
  );
}

/** Whether a distance is that of a point of the ball, to a relative tolerance; counts have none. */
export function withinRadius(distance: number, norm: Norm, radius: number, tolerance: number): boolean {
  return distance <= (isCount(norm) ? radius : radius * (1 + tolerance));
}

/** One radius per row. @throws RangeError if one is negative or NaN, or their number is not `count` */
export function radiiOf(epsilon: number | ArrayLike<number>, count: number): ArrayLike<number> {
  const radii = typeof epsilon === 'number' ? new Float64Array(count).fill(epsilon) : epsilon;
  if (radii.length !== count) throw new RangeError(`${radii.length} epsilons for ${count} rows`);
  for (let n = 0; n < count; n++)
    if (!((radii[n] as number) >= 0)) throw new RangeError(`epsilon ${radii[n]} is not a radius`);
  return radii;
}

/** Whether all entries are pixels: in [0,1], which NaN is not. */
export function inBox(x: Float32Array): boolean {
  for (let i = 0; i < x.length; i++) if (!((x[i] as number) >= 0 && (x[i] as number) <= 1)) return false;
  return true;
}

/** Each pixel to the nearest one of the ball of linf and [0,1]. */
function clampToBox(x: Float32Array, c: Float32Array, radius: number): void {
  signStep(x, x, 0, radius, c);
}

/** Makes pixels that are NaN clean. */
export function clearNaN(x: Float32Array, c: Float32Array): void {
  for (let i = 0; i < x.length; i++) if (x[i] !== x[i]) x[i] = c[i] as number;
}

/**
 * What a pixel that is not NaN changes by, as projections take it: at most a million, beyond which float64 could not
 * tell the multiplier of l1 from the change.
 */
export function changeOf(pixel: number, centre: number): number {
  const change = pixel - centre;
  return change > 1e6 ? 1e6 : change < -1e6 ? -1e6 : change;
}

function changes(x: Float32Array, c: Float32Array, v: Float64Array): void {
  for (let i = 0; i < x.length; i++) v[i] = changeOf(x[i] as number, c[i] as number);
}

/** A change cut so that the pixel at `centre` stays in [0,1]. */
export function clip(value: number, centre: number): number {
  return value < -centre ? -centre : value > 1 - centre ? 1 - centre : value;
}

/** What the solvers aim at, so that their last bits and those of a sum in another order stay within the radius. */
const aim = 1 - 1e-9;

// delta_i = clip(s v_i) with one s <= 1. Each pass takes the entries clipped so far as fixed and solves for s:
// s only grows, more entries clip, and the norm stays within the radius until the set of clipped entries is right.
function projectL2(x: Float32Array, c: Float32Array, radius: number, v: Float64Array): void {
  changes(x, c, v);
  const aimed = radius * aim;
  let scale = 0;
  for (;;) {
    let free = 0;
    let fixed = 0;
    for (let i = 0; i < v.length; i++) {
      const moved = scale * (v[i] as number);
      const clipped = clip(moved, c[i] as number);
      if (clipped === moved) free += (v[i] as number) ** 2;
      else fixed += clipped * clipped;
    }
    const next = free === 0 ? 1 : Math.min(1, Math.sqrt(Math.max(0, aimed * aimed - fixed) / free));
    if (next <= scale) break;
    scale = next;
  }
  for (let i = 0; i < v.length; i++) v[i] = clip(scale * (v[i] as number), c[i] as number);
  store(x, c, v, radius, 2);
}

function projectL1(x: Float32Array, c: Float32Array, radius: number, v: Float64Array): void {
  changes(x, c, v);
  shrinkL1(v, radius, c);
  store(x, c, v, radius, 1);
}

/**
 * Moves a change, in place, to the nearest of at most that l1 norm (Duchi et al. 2008, doi:10.1145/1390156.1390191), with
 * a centre to the nearest that leads from there into the pixel box too: clip(sign(v_i) (|v_i| - lambda)+), whose sum falls
 * with lambda; Newton within a bracket.
 */
export function shrinkL1(v: Float64Array, radius: number, centre?: Float32Array): void {
  const roomOf = (d: number, i: number): number => {
    if (centre === undefined) return Number.POSITIVE_INFINITY;
    return d < 0 ? (centre[i] as number) : 1 - (centre[i] as number);
  };
  let low = 0;
  let high = 0;
  for (const d of v) high = Math.max(high, Math.abs(d));
  let lambda = 0;
  for (let pass = 0; pass < 200; pass++) {
    let total = 0;
    let moving = 0;
    for (let i = 0; i < v.length; i++) {
      const d = v[i] as number;
      const shrunk = Math.abs(d) - lambda;
      if (shrunk <= 0) continue;
      const room = roomOf(d, i);
      if (shrunk < room) moving++;
      total += Math.min(shrunk, room);
    }
    const excess = total - radius * aim;
    if ((lambda === 0 && excess <= 0) || Math.abs(excess) <= 1e-12 * radius) break;
    if (excess > 0) low = lambda;
    else high = lambda;
    const newton = lambda + excess / moving;
    const next = newton > low && newton <= high ? newton : (low + high) / 2;
    if (next === lambda) break;
    lambda = next;
  }
  for (let i = 0; i < v.length; i++) {
    const d = v[i] as number;
    v[i] = Math.sign(d) * Math.min(Math.max(0, Math.abs(d) - lambda), roomOf(d, i));
  }
}

// Changing entry i by delta_i brings the result nearer by v_i^2 - (v_i - delta_i)^2: keep the pixels of the largest sum.
function projectL0(x: Float32Array, c: Float32Array, kept: number, channels: number, v: Float64Array): void {
  changes(x, c, v);
  clampToBox(x, c, Infinity);
  const pixels = x.length / channels;
  const gains = new Float64Array(pixels);
  for (let i = 0; i < x.length; i++) {
    const p = i % pixels;
    const delta = (x[i] as number) - (c[i] as number);
    gains[p] = (gains[p] as number) + delta * (2 * (v[i] as number) - delta);
  }
  const marks = markLargest(gains, kept);
  for (let p = 0; p < pixels; p++)
    if (marks[p] === 0) for (let i = p; i < x.length; i += pixels) x[i] = c[i] as number;
}

/**
 * Writes x = c + v. Where rounding to float32 left the ball, entries go a step back towards c: those rounded outward
 * first, then any, and in the end, for radii below what numbers near c can tell apart, all the way.
 */
function store(x: Float32Array, c: Float32Array, v: Float64Array, radius: number, power: 1 | 2): void {
  const limit = raised(radius * (1 - 5e-10), power);
  let total = 0;
  for (let i = 0; i < x.length; i++) {
    x[i] = (c[i] as number) + (v[i] as number);
    total += raised((x[i] as number) - (c[i] as number), power);
  }
  const last = 9;
  for (let pass = 0; pass <= last && total > limit; pass++)
    for (let i = 0; i < x.length && total > limit; i++) {
      const delta = Math.abs((x[i] as number) - (c[i] as number));
      if (delta === 0 || (pass === 0 && delta <= Math.abs(v[i] as number))) continue;
      x[i] = pass < last ? neighbour(x[i] as number, c[i] as number) : (c[i] as number);
      total -= raised(delta, power) - raised((x[i] as number) - (c[i] as number), power);
    }
}

/** |change|^power; `**` with an exponent that varies takes ten times as long. */
function raised(change: number, power: 1 | 2): number {
  return power === 2 ? change * change : Math.abs(change);
}

const asFloat = new Float32Array(1);
const asBits = new Int32Array(asFloat.buffer);

/** The float32 next to `value` in the direction of `goal`; both at least 0 and not equal. */
function neighbour(value: number, goal: number): number {
  asFloat[0] = value;
  asBits[0] = (asBits[0] as number) + (goal > value ? 1 : -1);
  return asFloat[0];
}
