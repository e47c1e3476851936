import { z } from 'zod';
import { GraphBuilder } from '../onnx/index.ts';
import { defineTransform } from './define.ts';

/**
 * Every pixel to the nearest of 2^bits levels, halves up: round(x(2^bits − 1)) / (2^bits − 1). Its twin is the
 * identity: sign steps cannot tell it from any smoother staircase.
 */
export const bitDepth = defineTransform({
  name: 'bit-depth',
  title: 'Reduction of bit depth',
  paper: 'Xu et al. 2017, arXiv:1704.01155, section 3.1',
  options: z.strictObject({
    bits: z.int().min(1).max(8).default(3).describe('bits that are left of each channel'),
  }),
  stage({ bits }) {
    const top = 2 ** bits - 1;
    return {
      name: 'bit-depth',
      apply({ images }) {
        const data = new Float32Array(images.data.length);
        for (let i = 0; i < data.length; i++) data[i] = Math.round((images.data[i] as number) * top) / top;
        return Promise.resolve({ ...images, data });
      },
      surrogate({ channels, height, width }) {
        const b = new GraphBuilder(undefined, { name: 'bit-depth' });
        b.output(b.input('images', 'float32', ['N', channels, height, width]), 'images_out');
        return b.finish();
      },
    };
  },
});
