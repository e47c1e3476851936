import { z } from 'zod';
import { behind, resizeAndPad } from '../../models/index.ts';
import { defineView } from '../view.ts';

/**
 * Input diversity: each question is asked of the image at a random size and place in a larger grey square, brought back
 * to its size, or with the odds left of the image as it is. The originals pad with 0 of [-1,1], grey.
 */
export const diversity = defineView({
  name: 'diversity',
  title: 'Input diversity (DI)',
  paper: 'Xie et al. 2018, arXiv:1803.06978, eq. 3 and 4; 330 pixels for 299 there',
  options: z.strictObject({
    to: z
      .number()
      .min(1)
      .default(330 / 299)
      .describe(
        'side of the square, as a multiple of the image; smaller sizes are drawn from the image to it',
      ),
    odds: z.number().min(0).max(1).default(0.5).describe('how often an image is changed'),
  }),
  open: ({ model, options: { to, odds }, random }) =>
    behind(
      resizeAndPad({
        from: ({ height, width }) => Math.max(height, width),
        to: ({ height, width }) => Math.max(height, width, Math.round(to * Math.max(height, width))),
        odds,
        grey: 0.5,
        flip: false,
        back: true,
      }),
      model,
      random,
    ),
});
