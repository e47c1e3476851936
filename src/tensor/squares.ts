/** Rows and columns of an image, ends included. */
export interface Box {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

/** Height and width of an image in pixels. */
export interface Area {
  readonly height: number;
  readonly width: number;
}

/** The smallest box that holds all pixels which differ in any channel; undefined where none does. */
export function changedBox(x: Float32Array, c: Float32Array, { height, width }: Area): Box | undefined {
  const box = { top: height, bottom: -1, left: width, right: -1 };
  for (let start = 0, row = 0; start < x.length; start += width, row = row + 1 === height ? 0 : row + 1)
    for (let column = 0; column < width; column++) {
      if (x[start + column] === c[start + column]) continue;
      if (row < box.top) box.top = row;
      if (row > box.bottom) box.bottom = row;
      if (column < box.left) box.left = column;
      if (column > box.right) box.right = column;
    }
  return box.bottom < 0 ? undefined : box;
}

/**
 * First corners of the squares of this side within the image that hold a box, as a box.
 * @param box undefined for all squares of the image
 * @returns undefined where the box is larger than the square
 */
export function cornersAround(box: Box | undefined, side: number, { height, width }: Area): Box | undefined {
  const all = { top: 0, bottom: height - side, left: 0, right: width - side };
  if (box === undefined) return all;
  const corners = {
    top: Math.max(all.top, box.bottom - side + 1),
    bottom: Math.min(all.bottom, box.top),
    left: Math.max(all.left, box.right - side + 1),
    right: Math.min(all.right, box.left),
  };
  return corners.top > corners.bottom || corners.left > corners.right ? undefined : corners;
}

/**
 * The square whose weights add up to the most, the first in reading order of equal ones: its first corner.
 * @param weights at least 0, one per pixel
 * @param corners where that corner may lie
 */
export function heaviestSquare(
  weights: Float64Array,
  side: number,
  { height, width }: Area,
  corners: Box,
): { top: number; left: number } {
  const line = width + 1;
  // Sums over all that lies above and to the left of a pixel.
  const sums = new Float64Array((height + 1) * line);
  for (let row = 0; row < height; row++)
    for (let column = 0, own = 0; column < width; column++) {
      own += weights[row * width + column] as number;
      const at = (row + 1) * line + column + 1;
      sums[at] = own + (sums[at - line] as number);
    }
  // Differences of such sums are equal up to the rounding of the largest.
  const slack = 1e-12 * (sums.at(-1) as number);
  let best = { top: corners.top, left: corners.left };
  let most = Number.NEGATIVE_INFINITY;
  for (let top = corners.top; top <= corners.bottom; top++)
    for (let left = corners.left; left <= corners.right; left++) {
      const [upper, lower] = [top * line + left, (top + side) * line + left];
      const sum =
        (sums[lower + side] as number) -
        (sums[lower] as number) -
        (sums[upper + side] as number) +
        (sums[upper] as number);
      if (sum <= most + slack) continue;
      most = sum;
      best = { top, left };
    }
  return best;
}
