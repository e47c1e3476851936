import { z } from 'zod';
import { clone, rowSize } from '../tensor/index.ts';
import { defineAttack } from './define.ts';
import { stepSizes } from './iterate.ts';
import { lossOf } from './named-losses.ts';
import { perturb } from './noise.ts';
import { uphill } from './step.ts';
import { track } from './track.ts';

/**
 * From a random point of the ball, steps along the steepest direction, each projected; of all points seen the best for
 * the attacker. In l1 a step moves a share of the entries alone (Tramèr and Boneh 2019, arXiv:1904.13000, section 5).
 */
export const pgd = defineAttack({
  name: 'pgd',
  title: 'Projected gradient descent',
  paper: 'Madry et al. 2017, arXiv:1706.06083, eq. 2; in l1 arXiv:1904.13000, section 5',
  heldTo: 'Foolbox; affine models',
  access: 'gradient',
  norms: ['linf', 'l2', 'l1'],
  goals: ['untargeted', 'targeted', 'least-likely'],
  options: z.strictObject({
    steps: z.int().min(1).default(40).describe('gradient steps per restart'),
    stepSize: z.number().positive().optional().describe('in pixel units; 2.5 epsilon / steps by default'),
    restarts: z.int().min(1).default(1).describe('starts, each from another random point'),
    randomStart: z
      .boolean()
      .default(true)
      .describe('start at a random point of the ball instead of the image'),
    loss: z
      .enum(['cross-entropy', 'margin', 'carlini-wagner'])
      .default('cross-entropy')
      .describe('objective that is climbed'),
    sparsity: z
      .number()
      .min(0)
      .lt(1)
      .default(0.99)
      .describe('in l1 the share of entries that a step leaves alone'),
  }),
  async *run(context) {
    const { model, batch, goal, limit, options } = context;
    const sizes = stepSizes(limit, options.stepSize ?? ((radius) => (2.5 * radius) / options.steps));
    const entries = Math.max(1, Math.round((1 - options.sparsity) * rowSize(batch.images)));
    const tracker = track(goal, batch.start);
    for (let restart = 0; restart < options.restarts; restart++) {
      const images = clone(batch.start);
      if (options.randomStart) perturb(images, context, restart);
      for (let step = 0; step < options.steps; step++) {
        const answer = await uphill(context, images, lossOf(options.loss, goal));
        tracker.see(images, answer);
        limit.step(images, answer.gradient, sizes, { entries });
        yield restart === 0 && step === 0 ? images : tracker.best;
      }
      tracker.see(images, await model.answers({ images, ids: batch.ids }));
    }
    return tracker.best;
  },
});
