import { z } from 'zod';
import { clone, rowSize, rows } from '../tensor/index.ts';
import { defineAttack } from './define.ts';
import { addCorner, addUniform } from './noise.ts';
import { reach } from './step.ts';
import { track } from './track.ts';

/**
 * Blind search: of a number of random points of the ball, the one of the attacker's highest margin. Where it breaks
 * what gradients do not break, the model masks its gradients.
 */
export const repeatedNoise = defineAttack({
  name: 'repeated-noise',
  title: 'Best of many random points',
  paper: 'Athalye et al. 2018, arXiv:1802.00420, section 3.1 (random sampling)',
  heldTo: 'closed forms',
  access: 'scores',
  norms: ['linf', 'l2', 'l1'],
  goals: ['untargeted', 'targeted', 'least-likely'],
  options: z.strictObject({
    draws: z.int().min(1).default(1000).describe('random points per image, one question each'),
    corners: z
      .boolean()
      .default(false)
      .describe('in linf corners of the cube, ±epsilon in every pixel, instead of points within'),
  }),
  async *run({ model, batch, goal, limit, random, options }) {
    const images = clone(batch.start);
    const radii = reach(limit);
    const { norm } = limit.spec;
    const tracker = track(goal, batch.start);
    const scratch = new Float32Array(rowSize(images));
    for (let draw = 0; draw < options.draws; draw++) {
      images.data.set(batch.start.data);
      for (const [i, id] of batch.ids.entries()) {
        const { data } = rows(images, i, i + 1);
        const stream = random.stream(id, 'noise', draw);
        const radius = radii[i] as number;
        if (options.corners && norm === 'linf') addCorner(data, radius, stream);
        else addUniform(data, { norm, radius }, stream, scratch);
      }
      limit.project(images);
      tracker.see(images, await model.answers({ images, ids: batch.ids }));
      yield tracker.best;
    }
    return tracker.best;
  },
});
