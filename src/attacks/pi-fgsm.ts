import { z } from 'zod';
import { clone, zeros } from '../tensor/index.ts';
import { defineAttack } from './define.ts';
import { stepOptions, stepSizes } from './iterate.ts';
import { reach, uphill } from './step.ts';

/**
 * Steps longer than the ball allows; what they would have moved beyond it is handed to the neighbours of the pixel
 * instead of being lost: A ← A + βα·sign g, C = (|A| − ε)₊·sign A, x ← x + βα·sign g + γ·sign(W∗C), A ← A + γ·sign(W∗C),
 * with W the mean over the eight neighbours.
 */
export const piFgsm = defineAttack({
  name: 'pi-fgsm',
  title: 'Patch-wise iterative fast gradient sign method',
  paper:
    'Gao et al. 2020, arXiv:2007.06891, algorithm 1; amplification 10 and gamma = beta alpha as in the code',
  heldTo: 'fgsm; closed forms',
  access: 'gradient',
  norms: ['linf'],
  goals: ['untargeted', 'targeted', 'least-likely'],
  options: z.strictObject({
    ...stepOptions(10, 'epsilon / steps'),
    amplification: z.number().min(1).default(10).describe('beta, by what a step is longer'),
    projection: z
      .number()
      .min(0)
      .default(1)
      .describe('gamma, what neighbours are given, as a multiple of the longer step'),
  }),
  async *run(context) {
    const { batch, limit, options } = context;
    const { steps, stepSize, amplification, projection } = options;
    const sizes = stepSizes(limit, stepSize ?? ((radius) => radius / steps)).map(
      (size) => amplification * size,
    );
    const radii = reach(limit);
    const [, channels = 1, height = 1, width = 1] = batch.images.shape;
    const images = clone(batch.start);
    const summed = zeros(images.shape);
    const cut = new Float64Array(height * width);
    for (let step = 0; step < steps; step++) {
      const { gradient } = await uphill(context, images);
      for (let plane = 0; plane < batch.ids.length * channels; plane++) {
        const row = Math.floor(plane / channels);
        const [size, radius] = [sizes[row] as number, radii[row] as number];
        const from = plane * height * width;
        for (let i = 0; i < cut.length; i++) {
          const a = (summed.data[from + i] as number) + size * Math.sign(gradient.data[from + i] as number);
          summed.data[from + i] = a;
          cut[i] = Math.max(0, Math.abs(a) - radius) * Math.sign(a);
        }
        for (let i = 0; i < cut.length; i++) {
          const given = projection * size * Math.sign(around(cut, i, height, width));
          summed.data[from + i] = (summed.data[from + i] as number) + given;
          images.data[from + i] =
            (images.data[from + i] as number) + size * Math.sign(gradient.data[from + i] as number) + given;
        }
      }
      limit.project(images);
      yield images;
    }
    return images;
  },
});

/** Sum over the eight neighbours of a pixel, none of which lies beyond the border. */
function around(plane: Float64Array, at: number, height: number, width: number): number {
  const [y, x] = [Math.floor(at / width), at % width];
  let sum = 0;
  for (let i = Math.max(0, y - 1); i <= Math.min(height - 1, y + 1); i++)
    for (let j = Math.max(0, x - 1); j <= Math.min(width - 1, x + 1); j++)
      if (i !== y || j !== x) sum += plane[i * width + j] as number;
  return sum;
}
