import { z } from 'zod';
import { type Graph, GraphBuilder, prune } from '../onnx/index.ts';
import type { Images, InputSize } from '../tensor/index.ts';
import { defineTransform } from './define.ts';

/**
 * Each pixel to the median of its window, per channel. The window of 3 is centred; that of 2 ends at the pixel, and
 * its median is the third of its four values in order. The image is reflected at its border, the border's own pixels
 * included, as in scipy.ndimage.median_filter.
 */
export const median = defineTransform({
  name: 'median',
  title: 'Median filter',
  paper: 'Xu et al. 2017, arXiv:1704.01155, section 3.2',
  options: z.strictObject({
    size: z.int().min(2).max(3).default(3).describe('side of the window in pixels'),
  }),
  stage: ({ size }) => ({
    name: 'median',
    apply: ({ images }) => Promise.resolve(filter(images, size)),
    surrogate: (input) => routed(input, size),
  }),
});

interface Network {
  /** Each pair (i, j) leaves the smaller value in place i and the larger in j. */
  readonly pairs: readonly (readonly [number, number])[];
  /** The place where the median is then. */
  readonly median: number;
}

/** Exchanges that find the median of 4 values (the upper one). */
const ofFour: Network = {
  pairs: [
    [0, 1],
    [2, 3],
    [0, 2],
    [1, 3],
    [1, 2],
  ],
  median: 2,
};

/** And of 9: the columns in order, then largest minimum, median median, smallest maximum, and the median of these. */
const ofNine: Network = {
  pairs: [
    ...[0, 3, 6].flatMap(
      (i) =>
        [
          [i, i + 1],
          [i + 1, i + 2],
          [i, i + 1],
        ] as const,
    ),
    [0, 3],
    [3, 6],
    [1, 4],
    [4, 7],
    [1, 4],
    [5, 8],
    [2, 5],
    [2, 4],
    [4, 6],
    [2, 4],
  ],
  median: 4,
};

function networkOf(size: number): Network {
  return size === 2 ? ofFour : ofNine;
}

/** The exchanges run on whole rows, so that their loops stay plain. */
function filter(images: Images, size: number): Images {
  const [, , height = 0, width = 0] = images.shape;
  const { pairs, median: place } = networkOf(size);
  const data = new Float32Array(images.data.length);
  const window = Array.from({ length: size * size }, () => new Float32Array(width));
  for (let row = 0; row < data.length / Math.max(1, width); row++) {
    const y = row % height;
    for (let dy = -1; dy < size - 1; dy++) {
      const from = row - y + Math.min(height - 1, Math.max(0, y + dy));
      const source = images.data.subarray(from * width, (from + 1) * width);
      for (let dx = -1; dx < size - 1; dx++)
        shift(source, dx, window[(dy + 1) * size + dx + 1] as Float32Array);
    }
    for (const [i, j] of pairs) exchange(window[i] as Float32Array, window[j] as Float32Array);
    data.set(window[place] as Float32Array, row * width);
  }
  return { ...images, data };
}

/** out[x] = row[x + by], the nearest pixel where that is outside. */
function shift(row: Float32Array, by: number, out: Float32Array): void {
  for (let x = 0; x < row.length; x++) out[x] = row[Math.min(row.length - 1, Math.max(0, x + by))] as number;
}

function exchange(lower: Float32Array, upper: Float32Array): void {
  for (let x = 0; x < lower.length; x++) {
    const a = lower[x] as number;
    const b = upper[x] as number;
    if (b < a) {
      lower[x] = b;
      upper[x] = a;
    }
  }
}

/** The same median as a graph of Min and Max: its gradient goes to the pixel that was selected. */
function routed({ channels, height, width }: InputSize, size: number): Graph {
  const { pairs, median: place } = networkOf(size);
  const b = new GraphBuilder(undefined, { name: 'median' });
  const images = b.input('images', 'float32', ['N', channels, height, width]);
  // Reflected by one pixel, border included, is the border's pixel again.
  const padded = b.op('Pad', [images, b.ints([0, 0, 1, 1, 0, 0, size - 2, size - 2])], { mode: 'edge' });
  const window: string[] = [];
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++)
      window.push(b.op('Slice', [padded, b.ints([y, x]), b.ints([y + height, x + width]), b.ints([2, 3])]));
  for (const [i, j] of pairs) {
    const both = [window[i] as string, window[j] as string];
    window[i] = b.op('Min', both);
    window[j] = b.op('Max', both);
  }
  b.output(window[place] as string, 'images_out');
  return prune(b.finish());
}
