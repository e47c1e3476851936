import { z } from 'zod';
import { type Graph, GraphBuilder, prune } from '../onnx/index.ts';
import { type Images, type InputSize, type Network, selectByExchanges } from '../tensor/index.ts';
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

/** Exchanges that find the median of 4 values (the upper one). */
const ofFour: Network = {
  pairs: [
    [0, 1],
    [2, 3],
    [0, 2],
    [1, 3],
    [1, 2],
  ],
  place: 2,
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
  place: 4,
};

function networkOf(size: number): Network {
  return size === 2 ? ofFour : ofNine;
}

/**
 * On planes that are padded by their borders each place of the window is the plane itself, begun elsewhere; what lies
 * behind a row's end is found along with it, and passed over.
 */
function filter(images: Images, size: number): Images {
  const [, , height = 0, width = 0] = images.shape;
  const out = new Float32Array(images.data.length);
  const stride = width + size - 1;
  const padded = new Float32Array(stride * (height + size - 1));
  const length = Math.max(0, stride * height - (size - 1));
  const columns = Array.from({ length: size * size }, (_, i) => {
    const from = stride * Math.floor(i / size) + (i % size);
    return padded.subarray(from, from + length);
  });
  const found = new Float32Array(length);
  for (let at = 0; at < out.length; at += height * width) {
    pad(images.data.subarray(at, at + height * width), width, padded, stride);
    selectByExchanges(columns, networkOf(size), found);
    for (let y = 0; y < height; y++) out.set(found.subarray(stride * y, stride * y + width), at + width * y);
  }
  return { ...images, data: out };
}

/** Copies a plane: one pixel of the border is repeated before it, and as many behind it as find room. */
function pad(plane: Float32Array, width: number, padded: Float32Array, stride: number): void {
  const height = plane.length / width;
  for (let y = 0; y < padded.length / stride; y++) {
    const from = width * Math.min(height - 1, Math.max(0, y - 1));
    const row = plane.subarray(from, from + width);
    padded.set(row, stride * y + 1);
    padded.fill(row[0] as number, stride * y, stride * y + 1);
    padded.fill(row[width - 1] as number, stride * y + 1 + width, stride * (y + 1));
  }
}

/** The same median as a graph of Min and Max: its gradient goes to the pixel that was selected. */
function routed({ channels, height, width }: InputSize, size: number): Graph {
  const { pairs, place } = networkOf(size);
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
