import { markLargest } from './largest.ts';
import { isCount, type Norm } from './norms.ts';

/** The gradient of one row as steps take it, into `out`: NaN counts as 0, infinities as more than all of float32. */
export function slopesOf(gradient: Float32Array, out: Float64Array): void {
  for (let i = 0; i < out.length; i++) {
    const slope = gradient[i] as number;
    out[i] = slope > 3.5e38 ? 3.5e38 : slope < -3.5e38 ? -3.5e38 : slope === slope ? slope : 0;
  }
}

/** How a row is moved. */
export interface Move {
  norm: Norm;
  channels: number;
  /** Length of the step, negative to descend; for counts (l0) how many pixels or entries move. */
  size: number;
  /** Entries over which a step of l1 is spread. */
  entries: number;
}

/**
 * Moves one row, [channels, ...], along the direction of unit norm in which the linear function of these slopes rises
 * most, in place; ball and pixel range may be left. linf: the sign. l2: g/‖g‖₂. l1: equal parts of the length on the
 * entries of largest |g| that can move within the pixel range (Tramèr and Boneh 2019, arXiv:1904.13000). l0: pixels of
 * the largest Σ|g_i|·room_i move to the end of the range. Of equal ones the first move; slopes of 0 move nothing.
 */
export function move(x: Float32Array, slopes: Float64Array, how: Move): void {
  const { norm, size } = how;
  if (norm === 'linf') for (let i = 0; i < x.length; i++) add(x, i, size * Math.sign(slopes[i] as number));
  else if (norm === 'l2') moveAlong(x, slopes, size);
  else if (norm === 'l1') moveFew(x, slopes, size, how.entries);
  else moveToEnds(x, slopes, how);
}

/**
 * What each pixel adds to the dual norm of the slopes, as a sum over pixels: |g| for linf, g² for l2, the gains for
 * l0. For l1, whose dual norm is the largest |g|, that of each pixel.
 */
export function worth(x: Float32Array, slopes: Float64Array, how: Move): Float64Array {
  const { norm, size, channels } = how;
  if (isCount(norm)) return gains(x, slopes, size, channels);
  const pixels = x.length / channels;
  const out = new Float64Array(pixels);
  const movable = norm === 'l1' ? movables(x, slopes, size) : slopes;
  for (let i = 0; i < x.length; i++) {
    const p = i % pixels;
    const slope = Math.abs(movable[i] as number);
    if (norm === 'l1') out[p] = Math.max(out[p] as number, slope);
    else out[p] = (out[p] as number) + (norm === 'l2' ? slope * slope : slope);
  }
  return out;
}

function add(x: Float32Array, i: number, change: number): void {
  x[i] = (x[i] as number) + change;
}

/** The slopes are divided by the largest first, so that their squares neither vanish nor overflow. */
function moveAlong(x: Float32Array, slopes: Float64Array, size: number): void {
  let most = 0;
  for (let i = 0; i < slopes.length; i++) most = Math.max(most, Math.abs(slopes[i] as number));
  if (most === 0) return;
  const unit = 1 / most;
  let sum = 0;
  for (let i = 0; i < slopes.length; i++) sum += ((slopes[i] as number) * unit) ** 2;
  const factor = size / (Math.sqrt(sum) * most);
  for (let i = 0; i < x.length; i++) add(x, i, factor * (slopes[i] as number));
}

function moveFew(x: Float32Array, slopes: Float64Array, size: number, entries: number): void {
  const marks = markLargest(movables(x, slopes, size), entries);
  let count = 0;
  for (const mark of marks) count += mark;
  for (let i = 0; i < x.length; i++)
    if (marks[i] === 1) add(x, i, (size / count) * Math.sign(slopes[i] as number));
}

/** |g| of the entries that a step of this sign leaves in the pixel range, 0 of the others. */
function movables(x: Float32Array, slopes: Float64Array, size: number): Float64Array {
  return slopes.map((slope, i) =>
    roomOf(x[i] as number, Math.sign(size) * slope) > 0 ? Math.abs(slope) : 0,
  );
}

/** How far a pixel can go in the direction of a change until it leaves the range, at least 0. */
function roomOf(pixel: number, change: number): number {
  return Math.max(0, change > 0 ? 1 - pixel : change < 0 ? pixel : 0);
}

function moveToEnds(x: Float32Array, slopes: Float64Array, { norm, channels, size }: Move): void {
  const group = norm === 'l0' ? channels : 1;
  const pixels = x.length / group;
  const marks = markLargest(gains(x, slopes, size, group), Math.abs(size));
  for (let p = 0; p < pixels; p++)
    if (marks[p] === 1)
      for (let i = p; i < x.length; i += pixels) {
        const change = size * (slopes[i] as number);
        if (change !== 0) x[i] = change > 0 ? 1 : 0;
      }
}

/** By how much each pixel raises the linear function if its channels go to the ends of the range. */
function gains(x: Float32Array, slopes: Float64Array, size: number, channels: number): Float64Array {
  const pixels = x.length / channels;
  const out = new Float64Array(pixels);
  for (let i = 0; i < x.length; i++) {
    const p = i % pixels;
    const slope = slopes[i] as number;
    out[p] = (out[p] as number) + Math.abs(slope) * roomOf(x[i] as number, size * slope);
  }
  return out;
}
