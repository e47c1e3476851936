import { z } from 'zod';
import { decodeJpeg, encodeJpeg, type Subsampling } from '../data/index.ts';
import {
  channelsFirst,
  channelsLast,
  concatRows,
  type Images,
  rows,
  type Tensor,
  toFloat,
  toUint8,
} from '../tensor/index.ts';
import { defineTransform } from './define.ts';
import { jpegGraph } from './jpeg-graph.ts';

/**
 * Rounded to 8 bits, written as a JPEG file and read again; an image of one channel as a grey file. The surrogate is
 * JPEG as a graph, see {@link jpegGraph}.
 */
export const jpeg = defineTransform({
  name: 'jpeg',
  title: 'JPEG compression',
  paper: 'Dziugaite et al. 2016, arXiv:1608.00853; surrogate after Shin and Song 2017',
  options: z.strictObject({
    quality: z.int().min(1).max(100).default(75).describe('quality of the file, as libjpeg counts it'),
    subsampling: z
      .enum(['4:2:0', '4:4:4'])
      .default('4:2:0')
      .describe('chroma at half resolution in both directions, or at full'),
  }),
  stage: ({ quality, subsampling }) => ({
    name: 'jpeg',
    apply: ({ images }) => compress(images, quality, subsampling),
    surrogate: (input) => jpegGraph(input, quality, subsampling),
  }),
});

async function compress(images: Images, quality: number, subsampling: Subsampling): Promise<Images> {
  const levels = toUint8(images);
  const count = images.shape[0] ?? 0;
  const parts: Promise<Tensor<'uint8'>>[] = [];
  for (let i = 0; i < count; i++) parts.push(compressOne(rows(levels, i, i + 1), quality, subsampling));
  return count === 0
    ? { ...images, data: new Float32Array(0) }
    : toFloat(concatRows(await Promise.all(parts)));
}

/** One row, [1, C, H, W]. */
async function compressOne(
  row: Tensor<'uint8'>,
  quality: number,
  subsampling: Subsampling,
): Promise<Tensor<'uint8'>> {
  const [, channels = 0, height = 0, width = 0] = row.shape;
  const data = channelsLast(row.data, channels);
  const read = await decodeJpeg(await encodeJpeg({ height, width, channels, data }, quality, subsampling));
  return { ...row, data: channelsFirst(read.data, read.channels) };
}
