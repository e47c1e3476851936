import { changeOf, clip } from './balls.ts';
import { AdvarenaError } from './errors.ts';
import { type Area, type Box, changedBox, cornersAround, heaviestSquare } from './squares.ts';
import { type Move, worth } from './steepest.ts';
import type { Tensor } from './tensor.ts';

/** Pixels that may change: each sample's own mask, or the best square of that share of the area. */
export type RegionSpec = 'mask' | { readonly share: number };

/** Where rows may change. An opening has one byte per pixel of a row, 1 where it may; the next call may overwrite it. */
export interface Region {
  /** The opening that holds the point nearest to x, in which nothing is NaN. @param radius of linf, else Infinity */
  nearest(row: number, x: Float32Array, c: Float32Array, radius: number): Uint8Array;
  /** The opening for a step from a point of the region. */
  steepest(row: number, x: Float32Array, c: Float32Array, slopes: Float64Array, how: Move): Uint8Array;
  /** Whether only such pixels differ as may differ together. */
  holds(row: number, x: Float32Array, c: Float32Array): boolean;
}

/**
 * @param shape of the images, [N, C, H, W]
 * @param masks uint8 [N, 1, H, W], which are copied; only looked at where the region is `mask`
 * @throws AdvarenaError REGION where masks are missing, of another shape, not 0 and 1, or empty, where a share is not
 * in (0,1], or for tensors that are no images
 */
export function regionOf(spec: RegionSpec, shape: readonly number[], masks?: Tensor<'uint8'>): Region {
  const [count = 0, , height = 0, width = 0] = shape;
  if (shape.length !== 4 || height < 1 || width < 1)
    throw new AdvarenaError('REGION', `Tensors of shape [${shape.join(', ')}] have no region.`, {
      remedy: 'Give images [N, C, H, W].',
    });
  if (spec === 'mask') return maskRegion(checkedMasks(masks, [count, 1, height, width]), height * width);
  if (!(spec.share > 0 && spec.share <= 1))
    throw new AdvarenaError('REGION', `The share of a region is ${spec.share}.`, {
      remedy: 'Give a share of the area above 0 and at most 1.',
    });
  const side = Math.max(1, Math.round(Math.sqrt(spec.share * height * width)));
  return squareRegion(Math.min(side, height, width), { height, width });
}

/** Takes back what lies outside an opening. */
export function restore(x: Float32Array, c: Float32Array, opening: Uint8Array): void {
  const pixels = opening.length;
  for (let i = 0; i < x.length; i++) if (opening[i % pixels] === 0) x[i] = c[i] as number;
}

function checkedMasks(masks: Tensor<'uint8'> | undefined, shape: readonly number[]): Uint8Array {
  if (masks === undefined)
    throw new AdvarenaError('REGION', 'The limit is a region by masks, and there are none.', {
      remedy: `Give masks, uint8 [${shape.join(', ')}], 1 where pixels may change.`,
    });
  if (masks.dtype !== 'uint8' || masks.shape.join() !== shape.join())
    throw new AdvarenaError('REGION', `The masks are ${masks.dtype} [${masks.shape.join(', ')}].`, {
      remedy: `Give uint8 [${shape.join(', ')}], as the images are.`,
    });
  const data = masks.data.slice();
  const size = (shape[2] as number) * (shape[3] as number);
  for (let n = 0; n * size < data.length; n++) {
    const mask = data.subarray(n * size, (n + 1) * size);
    const wrong = mask.find((value) => value > 1);
    if (wrong !== undefined || !mask.includes(1))
      throw new AdvarenaError('REGION', wrong === undefined ? 'A mask is empty.' : `A mask holds ${wrong}.`, {
        where: `row ${n}`,
        remedy: 'Masks are 0, and 1 where pixels may change, which at least one may.',
      });
  }
  return data;
}

function maskRegion(masks: Uint8Array, size: number): Region {
  const opening = (row: number): Uint8Array => masks.subarray(row * size, (row + 1) * size);
  return {
    nearest: opening,
    steepest: opening,
    holds: (row, x, c) => {
      const mask = opening(row);
      return x.every((value, i) => value === c[i] || mask[i % size] === 1);
    },
  };
}

function squareRegion(side: number, area: Area): Region {
  const opening = new Uint8Array(area.height * area.width);
  const open = ({ top, left }: { top: number; left: number }): Uint8Array => {
    opening.fill(0);
    for (let row = top; row < top + side; row++) {
      const from = row * area.width + left;
      opening.fill(1, from, from + side);
    }
    return opening;
  };
  const corners = (x: Float32Array, c: Float32Array): Box | undefined =>
    cornersAround(changedBox(x, c, area), side, area);
  const all = cornersAround(undefined, side, area) as Box;
  return {
    nearest: (_, x, c, radius) =>
      open(corners(x, c) ?? heaviestSquare(kept(x, c, radius, opening.length), side, area, all)),
    steepest: (_, x, c, slopes, how) => {
      const among = corners(x, c) ?? all;
      const weights = worth(x, slopes, how);
      if (how.norm === 'l1') markMost(weights, side, area, among);
      return open(heaviestSquare(weights, side, area, among));
    },
    holds: (_, x, c) => corners(x, c) !== undefined,
  };
}

/**
 * By how much the square of the distance shrinks if a pixel may keep its change, cut to the pixel range and the radius:
 * v² - (v - δ)². Summed over a square that is what the square brings for linf and without a radius, and for l2 it has
 * the same order as long as no pixel leaves its range. For l1 and l0 it leaves their balls aside.
 */
function kept(x: Float32Array, c: Float32Array, radius: number, pixels: number): Float64Array {
  const out = new Float64Array(pixels);
  for (let i = 0; i < x.length; i++) {
    const change = changeOf(x[i] as number, c[i] as number);
    const delta = Math.min(Math.max(clip(change, c[i] as number), -radius), radius);
    out[i % pixels] = (out[i % pixels] as number) + delta * (2 * change - delta);
  }
  return out;
}

/** 1 for the largest weights that one of the squares holds, 0 for the others. */
function markMost(weights: Float64Array, side: number, { width }: Area, corners: Box): void {
  const held = (p: number): boolean => {
    const [row, column] = [Math.floor(p / width), p % width];
    return (
      row >= corners.top &&
      row < corners.bottom + side &&
      column >= corners.left &&
      column < corners.right + side
    );
  };
  let most = 0;
  for (const [p, weight] of weights.entries()) if (held(p) && weight > most) most = weight;
  for (const [p, weight] of weights.entries()) weights[p] = weight === most ? 1 : 0;
}
