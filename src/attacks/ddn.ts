import { z } from 'zod';
import { clone, type Images, lengths, rowSize, rows } from '../tensor/index.ts';
import { defineAttack } from './define.ts';
import { uphill } from './step.ts';
import { trackNearest } from './track.ts';

/**
 * Decoupled direction and norm: a step of falling length uphill, then back onto a sphere about the clean image, which
 * shrinks where the image fooled the model and grows where it did not. What is asked is the image as it will be judged,
 * so that a find survives rounding. A gradient of zero is replaced by a random direction, as in the authors' code. It
 * cannot find changes below `first`·(1 − gamma)^steps.
 */
export const ddn = defineAttack({
  name: 'ddn',
  title: 'Decoupled direction and norm',
  paper: 'Rony et al. 2018, arXiv:1811.09600, algorithm 1',
  heldTo: 'adversarial-library; the nearest point of affine models',
  access: 'gradient',
  norms: ['l2'],
  goals: ['untargeted', 'targeted', 'least-likely'],
  radius: 'minimum',
  options: z.strictObject({
    steps: z.int().min(1).default(100).describe('gradient steps'),
    first: z.number().positive().default(1).describe('radius of the first sphere, in pixel units'),
    gamma: z.number().gt(0).lt(1).default(0.05).describe('by what share the radius changes per step'),
  }),
  async *run(context) {
    const { model, batch, goal, limit, random, options } = context;
    const { steps, first, gamma } = options;
    const tracker = trackNearest(goal, limit, batch.images);
    const radii = new Float64Array(batch.ids.length).fill(first);
    const images = clone(batch.start);
    for (let step = 0; step < steps; step++) {
      const asked = limit.judged(images);
      const { classes, gradient } = await uphill(context, asked);
      const found = tracker.see(asked, classes);
      for (const [i, length] of lengths(gradient).entries())
        if (length === 0)
          random
            .stream(batch.ids[i] as string, 'direction', step)
            .fillNormal(rows(gradient, i, i + 1).data, 0, 1);
      const size = 0.01 + (0.99 * (1 + Math.cos((Math.PI * step) / steps))) / 2;
      limit.step(
        images,
        gradient,
        radii.map(() => size),
      );
      for (const [i, radius] of radii.entries()) radii[i] = radius * (found[i] === 1 ? 1 - gamma : 1 + gamma);
      toSphere(images, batch.images, radii);
      yield tracker.best;
    }
    const last = limit.judged(images);
    tracker.see(last, (await model.answers({ images: last, ids: batch.ids })).classes);
    return tracker.best;
  },
});

/** Moves each row along its line from the centre to that distance (l2) from it, in place. */
function toSphere(x: Images, centre: Images, radii: Float64Array): void {
  const size = rowSize(x);
  for (const [row, radius] of radii.entries()) {
    let sum = 0;
    for (let i = row * size; i < (row + 1) * size; i++)
      sum += ((x.data[i] as number) - (centre.data[i] as number)) ** 2;
    if (sum === 0) continue;
    const factor = radius / Math.sqrt(sum);
    for (let i = row * size; i < (row + 1) * size; i++) {
      const c = centre.data[i] as number;
      x.data[i] = c + factor * ((x.data[i] as number) - c);
    }
  }
}
