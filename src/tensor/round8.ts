import { radiiOf } from './balls.ts';
import type { Norm } from './norms.ts';
import type { Tensor } from './tensor.ts';

const floats = Float32Array.from({ length: 256 }, (_, level) => level / 255);

/** 8-bit levels to float32 in [0,1]: level / 255, rounded to the nearest float32. */
export function toFloat(images: Tensor<'uint8'>): Tensor {
  const { data: levels } = images;
  const data = new Float32Array(levels.length);
  for (let i = 0; i < data.length; i++) data[i] = floats[levels[i] as number] as number;
  return { dtype: 'float32', shape: images.shape, data };
}

/** float32 in [0,1] to the nearest of 256 levels; halves go up, values outside to the border, NaN to 0. */
export function toUint8(images: Tensor): Tensor<'uint8'> {
  const data = new Uint8Array(images.data.length);
  for (let i = 0; i < data.length; i++) data[i] = nearestLevel((images.data[i] as number) * 255);
  return { dtype: 'uint8', shape: images.shape, data };
}

/**
 * Rounds images to 8 bits without leaving the ball around the 8-bit clean image.
 * linf: the nearest level in [clean - k, clean + k], k = floor(255 epsilon + 1e-6). l2 and l1: the nearest level,
 * then the largest outward roundings are undone until the change fits. Counts (l0): the nearest level.
 * @param images float32 [N, ...] in [0,1], in the ball already (see `project`); NaN becomes the clean level
 * @param clean the same shape
 * @param epsilon radius in units of [0,1], one for all rows or one per row
 * @throws RangeError if the shapes differ or an epsilon is negative or not a number
 */
export function roundInside(
  images: Tensor,
  clean: Tensor<'uint8'>,
  norm: Norm,
  epsilon: number | ArrayLike<number>,
): Tensor<'uint8'> {
  if (images.shape.join() !== clean.shape.join())
    throw new RangeError(`[${images.shape.join(', ')}] are not images of [${clean.shape.join(', ')}]`);
  const count = images.shape[0] ?? 1;
  const radii = radiiOf(epsilon, count);
  const size = count === 0 ? 0 : images.data.length / count;
  const data = new Uint8Array(images.data.length);
  for (let n = 0; n < count; n++) {
    const [from, to] = [n * size, (n + 1) * size];
    const [x, c] = [images.data.subarray(from, to), clean.data.subarray(from, to)];
    roundRow(x, c, norm, radii[n] as number, data.subarray(from, to));
  }
  return { dtype: 'uint8', shape: images.shape, data };
}

/** {@link roundInside} for one row, into `out`. */
export function roundRow(x: Float32Array, c: Uint8Array, norm: Norm, radius: number, out: Uint8Array): void {
  const levels = 255 * radius + 1e-6;
  for (let i = 0; i < x.length; i++) {
    const value = x[i] as number;
    out[i] = value === value ? nearestLevel(value * 255) : (c[i] as number);
  }
  if (norm === 'linf') clampLevels(out, c, Math.floor(levels));
  else if (norm === 'l2' || norm === 'l1') undoRoundings(out, x, c, norm === 'l2' ? 2 : 1, levels);
}

/** The levels of pixels that are 8-bit; undefined where one is not the float32 nearest to its level. */
export function levelsOf(x: Float32Array): Uint8Array | undefined {
  const levels = new Uint8Array(x.length);
  for (let i = 0; i < x.length; i++) {
    // Whatever is no level fails the comparison, however it was cut to an integer.
    const level = ((x[i] as number) * 255 + 0.5) | 0;
    if (floats[level] !== x[i]) return undefined;
    levels[i] = level;
  }
  return levels;
}

function nearestLevel(value: number): number {
  return value >= 255 ? 255 : value > 0 ? Math.round(value) : 0;
}

function clampLevels(row: Uint8Array, c: Uint8Array, k: number): void {
  for (let i = 0; i < row.length; i++) {
    const centre = c[i] as number;
    row[i] = Math.min(Math.max(row[i] as number, centre - k, 0), centre + k, 255);
  }
}

/** Moves levels toward the clean ones, the most outward rounded first, until sum |change|^power fits. */
function undoRoundings(row: Uint8Array, x: Float32Array, c: Uint8Array, power: 1 | 2, levels: number): void {
  const limit = levels ** power;
  let total = 0;
  for (let i = 0; i < row.length; i++) total += Math.abs((row[i] as number) - (c[i] as number)) ** power;
  // One pass brings every image of the ball inside; only images outside it need more.
  while (total > limit) {
    // The outward rounding in the high bits and the index in the low: plain numbers sort fastest.
    const keys = new Float64Array(row.length);
    let changed = 0;
    for (let i = 0; i < row.length; i++) {
      const change = Math.abs((row[i] as number) - (c[i] as number));
      if (change === 0) continue;
      const outward = change - Math.abs((x[i] as number) * 255 - (c[i] as number));
      const rank = Math.round((0.5 - Math.min(0.5, Math.max(-0.5, outward))) * 2 ** 20);
      keys[changed++] = rank * 2 ** 32 + i;
    }
    for (const key of keys.subarray(0, changed).toSorted()) {
      if (total <= limit) break;
      const i = key % 2 ** 32;
      const change = Math.abs((row[i] as number) - (c[i] as number));
      total -= change ** power - (change - 1) ** power;
      row[i] = (row[i] as number) + ((c[i] as number) > (row[i] as number) ? 1 : -1);
    }
  }
}
