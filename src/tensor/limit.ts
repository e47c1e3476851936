import { clearNaN, inBox, projectRow, radiiOf, withinRadius } from './balls.ts';
import { AdvarenaError } from './errors.ts';
import { channelsOf, checkAlike, distance, isCount, type Norm } from './norms.ts';
import { type Region, type RegionSpec, regionOf, restore } from './region.ts';
import { levelsOf, roundRow, toFloat } from './round8.ts';
import { signStep } from './sign-step.ts';
import { type Move, move, slopesOf } from './steepest.ts';
import { clone, type Images, rowSize, type Tensor, tensor } from './tensor.ts';

/** How images are judged: as a camera or file would hold them, or exactly as proposed. */
export type Pixels = '8-bit' | 'float32';

/** What an adversarial image may be, as plain data. */
export interface LimitSpec {
  readonly norm: Norm;
  /**
   * Radius in pixel units of [0,1]; for l0 a number of pixels, for l0-entries of entries. `free`: the pixel range is
   * the only bound, and the norm only measures.
   */
  readonly epsilon: number | 'free';
  /** Pixels outside stay as they are. All may change by default. */
  readonly region?: RegionSpec;
}

/**
 * A limit around clean images. Attack and judge call the same one: it holds copies of all that it was made from, is
 * frozen, and gives away nothing that it uses, so that nobody can move the centre. No row's result depends on others.
 * All methods throw RangeError for images that are not float32 of the clean images' shape.
 */
export interface Limit {
  readonly spec: LimitSpec;
  readonly pixels: Pixels;
  /** Radius per row, a copy; Infinity where free. */
  readonly radii: Float64Array;
  /**
   * The limit of some rows, in that order; a row may be named several times, for populations. Clean images are shared,
   * not copied. @throws RangeError for rows that there are not
   */
  take(rows: ArrayLike<number>): Limit;
  /** The same with other radii, one per row. @throws RangeError if one is negative or NaN, or their number differs */
  within(radii: ArrayLike<number>): Limit;
  /**
   * Moves each row to the nearest point of ball, region and pixel range, in place; what is inside stays to the bit. A
   * pixel that is NaN counts as the clean one. Of squares that one is taken which keeps most of the change, as though
   * there were no radius: the nearest for linf and without a radius, for l2 as long as no pixel leaves its range, but
   * for l1, l0 and l0-entries within a radius another square may hold a nearer point.
   */
  project(images: Images): void;
  /**
   * A step of the length sizes[row] (negative: down) along the row's steepest direction of unit norm, then projected,
   * in place. linf: the sign of the gradient; l2: g/‖g‖₂; l1: spread in equal parts over the `entries` largest |g| that
   * can move within the pixel range; l0 and l0-entries: the size counts pixels or entries, and those that gain most go
   * to the end of the pixel range. Of equal ones the first move. Of squares that hold the changes so far, that one is
   * taken in which the dual norm of the gradient is largest. A row whose gradient is all zero (or has only NaN) stays.
   * @param images NaN counts as the clean pixel
   * @param gradient of the images' shape; NaN counts as 0
   * @param sizes one per row, finite, whole for l0 and l0-entries. @throws RangeError for others
   * @param options.entries of l1, a whole number from 1, 1 by default
   */
  step(images: Images, gradient: Images, sizes: ArrayLike<number>, options?: { entries?: number }): void;
  /** A copy as it will be judged: projected, then rounded inside the limit where pixels are 8-bit. */
  judged(images: Images): Images;
  /**
   * Distance per row from the clean image, in the spec's norm. In an 8-bit limit rows of whole levels are measured as
   * levels, so that 8 of them are 8/255 to the bit.
   */
  distance(images: Images): Float64Array;
  /** 1 for each row outside ball (relative tolerance 1e-4), region or pixel range, else 0; NaN is outside. */
  outside(images: Images): Uint8Array;
}

/**
 * @param clean float32 in [0,1], [N, C, H, W], or without a region any shape; axis 1 of three or more has channels
 * @param options.pixels 8-bit by default: images are rounded, and clean ones must be levels already
 * @param options.lent whether nobody changes `clean` while the limit is used: then it is not copied
 * @param options.masks uint8 [N, 1, H, W], 1 where pixels may change; only looked at where the region is `mask`
 * @throws AdvarenaError EPSILON unless positive and finite or 'free' (for linf at most 1; for l0 norms a whole number),
 * REGION as {@link regionOf}, PIXELS where 8-bit pixels are asked of clean images that are between levels
 */
export function limitOf(
  spec: LimitSpec,
  clean: Images,
  options: { pixels?: Pixels; masks?: Tensor<'uint8'>; lent?: boolean } = {},
): Limit {
  const { norm, epsilon, region } = spec;
  checkEpsilon(norm, epsilon);
  const pixels = options.pixels ?? '8-bit';
  const { shape, data } = options.lent === true ? clean : clone(clean);
  const count = shape[0] ?? 1;
  const bytes = pixels === '8-bit' ? levelsOf(data) : undefined;
  if (pixels === '8-bit' && bytes === undefined)
    throw new AdvarenaError('PIXELS', 'The clean images hold values between the levels of 1/255.', {
      remedy: 'Round them to 8 bits, or judge without rounding: --pixels float32 (pixels: "float32").',
    });
  const ground: Ground = {
    spec: Object.freeze({ norm, epsilon, ...(region === undefined ? {} : { region: frozen(region) }) }),
    pixels,
    tail: shape.slice(1),
    size: rowSize(clean),
    channels: channelsOf(shape),
    clean: data,
    bytes,
    region: region === undefined ? undefined : regionOf(region, shape, options.masks),
    scratch: new Float64Array(rowSize(clean)),
    slopes: new Float64Array(rowSize(clean)),
  };
  const radius = epsilon === 'free' ? Number.POSITIVE_INFINITY : epsilon;
  return bind(
    ground,
    Int32Array.from({ length: count }, (_, row) => row),
    new Float64Array(count).fill(radius),
  );
}

/** @throws AdvarenaError EPSILON unless positive and finite or 'free' (for linf at most 1; for l0 norms a whole number) */
export function checkEpsilon(norm: Norm, epsilon: number | 'free'): void {
  if (epsilon === 'free') return;
  const counts = isCount(norm);
  if (
    epsilon > 0 &&
    (counts ? Number.isSafeInteger(epsilon) : epsilon <= (norm === 'linf' ? 1 : Number.MAX_VALUE))
  )
    return;
  throw new AdvarenaError('EPSILON', `epsilon is ${epsilon}.`, {
    remedy: counts
      ? `Give a whole number of ${norm === 'l0' ? 'pixels' : 'entries'}, such as 5.`
      : `Give a positive number in pixel units of [0,1]${norm === 'linf' ? ', at most 1' : ''}, such as 8/255.`,
  });
}

function frozen(region: RegionSpec): RegionSpec {
  return region === 'mask' ? region : Object.freeze({ share: region.share });
}

/** What the limits of all selections of rows share. */
interface Ground {
  readonly spec: LimitSpec;
  readonly pixels: Pixels;
  /** Shape of a row. */
  readonly tail: readonly number[];
  readonly size: number;
  readonly channels: number;
  readonly clean: Float32Array;
  /** Its levels, where pixels are 8-bit. */
  readonly bytes: Uint8Array | undefined;
  readonly region: Region | undefined;
  /** Of a row's size each. */
  readonly scratch: Float64Array;
  readonly slopes: Float64Array;
}

/** @param index the row of the ground that each row of the limit is */
function bind(ground: Ground, index: Int32Array, radii: Float64Array): Limit {
  const { spec, pixels, size, channels, region, scratch, slopes } = ground;
  const { norm } = spec;
  const count = index.length;
  const shape = [count, ...ground.tail];

  const part = <A extends Float32Array | Uint8Array>(data: A, from: number, to = from + 1): A =>
    data.subarray(from * size, to * size) as A;
  const placeOf = (n: number): number => index[n] as number;
  const cleanOf = (n: number): Float32Array => part(ground.clean, placeOf(n));

  /** All rows, as they are worked on one by one. */
  const rowsOf = function* (images: Images): Generator<[x: Float32Array, n: number]> {
    check(images);
    for (let n = 0; n < count; n++) yield [part(images.data, n), n];
  };
  const check = ({ dtype, shape: given, data }: Images): void => {
    checkAlike({ dtype, shape: given }, { dtype: 'float32', shape });
    if (data.length !== count * size)
      throw new RangeError(`${data.length} numbers do not fill [${shape.join(', ')}]`);
  };

  const enterRegion = (x: Float32Array, n: number): void => {
    if (region === undefined) return;
    const [c, radius] = [cleanOf(n), norm === 'linf' ? (radii[n] as number) : Number.POSITIVE_INFINITY];
    clearNaN(x, c);
    restore(x, c, region.nearest(placeOf(n), x, c, radius));
  };
  const project = (x: Float32Array, n: number): void => {
    enterRegion(x, n);
    projectRow(x, cleanOf(n), { norm, radius: radii[n] as number, channels }, scratch);
  };
  const step = (x: Float32Array, gradient: Float32Array, n: number, how: Move): void => {
    clearNaN(x, cleanOf(n));
    slopesOf(gradient, slopes);
    if (region !== undefined) {
      enterRegion(x, n);
      shut(slopes, region.steepest(placeOf(n), x, cleanOf(n), slopes, how));
    }
    move(x, slopes, how);
    project(x, n);
  };
  /** Neighbouring rows of one size and radius at once: the loop is opened and fed once. */
  const signSteps = (x: Float32Array, gradient: Float32Array, sizes: ArrayLike<number>): void => {
    for (let from = 0, to = 1; from < count; from = to++) {
      const [size, radius, place] = [sizes[from] as number, radii[from] as number, placeOf(from)];
      while (to < count && placeOf(to) === place + to - from && radii[to] === radius && sizes[to] === size)
        to++;
      const clean = part(ground.clean, place, place + to - from);
      signStep(part(x, from, to), part(gradient, from, to), size, radius, clean);
    }
  };
  const distanceOf = (x: Float32Array, n: number): number => {
    const levels = ground.bytes && levelsOf(x);
    const [a, b] = levels && ground.bytes ? [levels, part(ground.bytes, placeOf(n))] : [x, cleanOf(n)];
    return distance(a, b, norm, channels);
  };

  return Object.freeze<Limit>({
    spec,
    pixels,
    get radii() {
      return radii.slice();
    },
    take(rows) {
      const taken = Array.from(rows);
      const wrong = taken.find((row) => !(Number.isInteger(row) && row >= 0 && row < count));
      if (wrong !== undefined) throw new RangeError(`row ${wrong} is not one of ${count}`);
      return bind(
        ground,
        Int32Array.from(taken, placeOf),
        Float64Array.from(taken, (row) => radii[row] as number),
      );
    },
    within: (given) => bind(ground, index, Float64Array.from(radiiOf(given, count))),
    project(images) {
      for (const [x, n] of rowsOf(images)) project(x, n);
    },
    step(images, gradient, sizes, { entries = 1 } = {}) {
      check(gradient);
      checkSizes(sizes, count, norm, entries);
      if (norm === 'linf' && region === undefined) {
        check(images);
        return signSteps(images.data, gradient.data, sizes);
      }
      for (const [x, n] of rowsOf(images))
        step(x, part(gradient.data, n), n, { norm, channels, size: sizes[n] as number, entries });
    },
    judged(images) {
      check(images);
      // The caller's array may be of a class of his own.
      const copy = tensor(new Float32Array(images.data), [...shape]);
      for (const [x, n] of rowsOf(copy)) project(x, n);
      if (ground.bytes === undefined) return copy;
      const levels = new Uint8Array(copy.data.length);
      for (const [x, n] of rowsOf(copy))
        roundRow(x, part(ground.bytes, placeOf(n)), norm, radii[n] as number, part(levels, n));
      return toFloat(tensor(levels, copy.shape, 'uint8'));
    },
    distance: (images) => Float64Array.from(rowsOf(images), ([x, n]) => distanceOf(x, n)),
    outside: (images) =>
      Uint8Array.from(rowsOf(images), ([x, n]) => {
        const near = withinRadius(distanceOf(x, n), norm, radii[n] as number, 1e-4);
        return near && inBox(x) && (region?.holds(placeOf(n), x, cleanOf(n)) ?? true) ? 0 : 1;
      }),
  });
}

/** Slopes outside an opening count as 0. */
function shut(slopes: Float64Array, opening: Uint8Array): void {
  for (let i = 0; i < slopes.length; i++) if (opening[i % opening.length] === 0) slopes[i] = 0;
}

function checkSizes(sizes: ArrayLike<number>, count: number, norm: Norm, entries: number): void {
  if (sizes.length !== count) throw new RangeError(`${sizes.length} sizes for ${count} rows`);
  const fits = isCount(norm) ? Number.isSafeInteger : Number.isFinite;
  for (let n = 0; n < count; n++)
    if (!fits(sizes[n])) throw new RangeError(`${sizes[n]} is not the size of a step of ${norm}`);
  if (!(Number.isSafeInteger(entries) && entries >= 1))
    throw new RangeError(`${entries} is not a number of entries`);
}
