import { z } from 'zod';
import { defineTransform } from './define.ts';

/**
 * Every pixel to the nearest of 2^bits levels, halves up: round(x(2^bits − 1)) / (2^bits − 1). It has no surrogate:
 * sign steps cannot tell the identity from any other rising staircase.
 */
export const bitDepth = defineTransform({
  name: 'bit-depth',
  title: 'Reduction of bit depth',
  source: 'Xu et al. 2017, arXiv:1704.01155, section 3.1',
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
    };
  },
});
