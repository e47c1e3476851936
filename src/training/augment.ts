import type { RandomSource, Tensor } from '../tensor/index.ts';

export interface Augmentation {
  /** Mirror left and right, half of the time. */
  flip?: boolean;
  /** Move by up to this many pixels along each axis; what comes in is 0. */
  shift?: number;
  /** Side of a square that is set to 0.5, its centre anywhere (DeVries and Taylor 2017, arXiv:1708.04552). */
  cutout?: number;
}

/**
 * Changes each image at random, in place. The numbers of an image are keyed by its id and the draw alone, so that
 * they do not depend on its batch.
 * @param images [N, C, H, W]
 * @param draw such as the epoch
 */
export function augment(
  images: Tensor,
  ids: readonly string[],
  draw: number,
  options: Augmentation,
  random: RandomSource,
): void {
  const [, channels = 0, height = 0, width = 0] = images.shape;
  const plane = height * width;
  const { flip = false, shift = 0, cutout = 0 } = options;
  const before = new Float32Array(plane);
  for (const [n, id] of ids.entries()) {
    const numbers = random.stream(id, 'augment', draw);
    const mirrored = flip && numbers.sign() < 0;
    const [dy, dx] = [numbers.integer(2 * shift + 1) - shift, numbers.integer(2 * shift + 1) - shift];
    const [cy, cx] = [numbers.integer(height), numbers.integer(width)];
    const hole = (v: number, centre: number): boolean =>
      v >= centre - Math.floor(cutout / 2) && v < centre + Math.ceil(cutout / 2);
    for (let c = 0; c < channels; c++) {
      const at = (n * channels + c) * plane;
      before.set(images.data.subarray(at, at + plane));
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          const [fromY, fromX] = [y - dy, (mirrored ? width - 1 - x : x) - dx];
          const outside = fromY < 0 || fromY >= height || fromX < 0 || fromX >= width;
          const value = outside ? 0 : (before[fromY * width + fromX] as number);
          images.data[at + y * width + x] = hole(y, cy) && hole(x, cx) ? 0.5 : value;
        }
    }
  }
}
