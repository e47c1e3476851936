import { z } from 'zod';
import { behind, meanOfDraws, resizeAndPad } from '../models/index.ts';
import type { InputSize } from '../tensor/index.ts';
import { defineDefense } from './define.ts';

const largest = ({ height, width }: InputSize): number => Math.max(height, width);
const pixels = z.int().min(1).optional();

/**
 * Each image at a random size (nearest pixels) and a random place of a larger grey square, which the network then takes.
 * Of 2017's entry with its 30 passes, each mirrored or not, this has passes and mirroring as options, and averages
 * probabilities; the entry added auxiliary logits. The paper draws sizes from 299 to 331 of 299 pixels, the entry from
 * 310: both are scaled to the images.
 */
export const randomResize = defineDefense({
  name: 'random-resize',
  title: 'Random resizing and padding',
  paper: 'Xie et al. 2018, arXiv:1711.01991, section 3; NIPS 2017 competition, 2nd defense (iyswim)',
  options: z.strictObject({
    from: pixels.describe('smallest side in pixels; that of the image by default, 310/299 of it in 2017'),
    to: pixels.describe('side of the square in pixels; 331/299 of the image by default'),
    passes: z.int().min(1).default(1).describe('draws whose probabilities are averaged; 30 in 2017'),
    flip: z.boolean().default(false).describe('mirror every second image, at random, as in 2017'),
    grey: z.number().min(0).max(1).default(0.5).describe('what stands around the image'),
  }),
  open({ model, options: { from, to, passes, flip, grey }, random }) {
    const square = (input: InputSize): number => Math.max(1, to ?? Math.round((331 / 299) * largest(input)));
    const stage = resizeAndPad({
      from: (input) => Math.min(from ?? largest(input), square(input)),
      to: square,
      odds: 1,
      grey,
      flip,
      back: false,
    });
    return meanOfDraws(behind({ ...stage, name: 'random-resize' }, model, random), passes);
  },
});
