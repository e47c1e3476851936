import { z } from 'zod';
import { clone, rowSize, rows } from '../tensor/index.ts';
import { adam } from './adam.ts';
import { defineAttack } from './define.ts';
import { estimated, signs } from './estimate.ts';
import { track } from './track.ts';

/**
 * Simultaneous perturbation: the gradient is estimated from the scores of pairs of neighbours that differ in every
 * entry, by ±δ each, ĝ = mean of [L(x + δs) − L(x − δs)] s / (2δ), and Adam climbs along it. Every step also asks about
 * the image itself, so that what is found is known. The defaults are those of the authors' code, which begins at a
 * random point of the ball, not at the image.
 */
export const spsa = defineAttack({
  name: 'spsa',
  title: 'Simultaneous perturbation stochastic approximation (SPSA)',
  paper: "Uesato et al. 2018, arXiv:1802.05666, algorithm 1, and the authors' code in CleverHans",
  heldTo: 'affine models',
  access: 'scores',
  norms: ['linf'],
  goals: ['untargeted', 'targeted', 'least-likely'],
  queries: 10_000,
  options: z.strictObject({
    pairs: z.int().min(1).default(64).describe('pairs of neighbours per step'),
    delta: z
      .number()
      .positive()
      .default(0.01)
      .describe('change of each entry of a neighbour, in pixel units'),
    stepSize: z.number().positive().default(0.01).describe("Adam's, in pixel units"),
    loss: z.enum(['margin', 'cross-entropy']).default('margin').describe('what is estimated from the scores'),
  }),
  async *run(context) {
    const { model, batch, goal, limit, options } = context;
    const { pairs, delta: distance, loss, stepSize } = options;
    const tracker = track(goal, batch.start);
    const images = clone(batch.start);
    const climbers = batch.ids.map(() => adam(rowSize(images)));
    // It is ended from outside, once its questions are spent.
    for (let step = 0; ; step++) {
      tracker.see(images, await model.answers({ images, ids: batch.ids }));
      yield tracker.best;
      const estimate = await estimated(context, images, step, { pairs, distance, loss, draw: signs });
      // Adam goes down.
      for (const [i, climber] of climbers.entries())
        climber.step(rows(images, i, i + 1).data, rows(estimate, i, i + 1).data, -stepSize);
      limit.project(images);
    }
  },
});
