import { z } from 'zod';
import { scoresOf } from '../models/index.ts';
import { addScaled, clone, zeros } from '../tensor/index.ts';
import { defineAttack } from './define.ts';
import { estimated, normals } from './estimate.ts';
import { gains } from './gains.ts';
import { stepSizes } from './iterate.ts';
import { track } from './track.ts';

/**
 * Natural evolution strategies: the gradient is estimated from the scores of antithetic pairs of normal neighbours,
 * ĝ = Σ [L(x + σu) − L(x − σu)] u / (nσ), smoothed by momentum and stepped along. Each image's step is halved when its
 * loss has not risen for some steps. Every step also asks about the image itself, so that what is found is known.
 */
export const nes = defineAttack({
  name: 'nes',
  title: 'Natural evolution strategies',
  paper: "Ilyas et al. 2018, arXiv:1804.08598, section 2.2 and the authors' code (plateau, momentum)",
  heldTo: 'advertorch; affine models',
  access: 'scores',
  norms: ['linf', 'l2'],
  goals: ['untargeted', 'targeted', 'least-likely'],
  queries: 10_000,
  options: z.strictObject({
    pairs: z.int().min(1).default(25).describe('pairs of neighbours per step'),
    sigma: z.number().positive().default(0.001).describe('standard deviation of neighbours, in pixel units'),
    stepSize: z.number().positive().optional().describe('in pixel units; epsilon / 5 by default'),
    decay: z.number().min(0).lt(1).default(0.9).describe('share of the gradient kept from step to step'),
    plateau: z.int().min(2).default(5).describe('steps without gain after which the step is halved'),
    loss: z
      .enum(['cross-entropy', 'margin'])
      .default('cross-entropy')
      .describe('what is estimated from the scores'),
  }),
  async *run(context) {
    const { model, batch, goal, limit, options } = context;
    const { pairs, sigma: distance, loss } = options;
    const around = { pairs, distance, loss, draw: normals };
    const sizes = stepSizes(limit, options.stepSize ?? ((radius) => radius / 5));
    const least = sizes.map((size) => size / 200);
    const tracker = track(goal, batch.start);
    const images = clone(batch.start);
    const smooth = zeros(images.shape);
    const seen = batch.ids.map((): number[] => []);
    for (let step = 0; ; step++) {
      const own = await model.answers({ images, ids: batch.ids });
      tracker.see(images, own);
      for (const [i, gain] of gains(scoresOf(own), goal, loss).entries()) {
        const last = seen[i] as number[];
        last.push(gain);
        if (last.length < options.plateau) continue;
        if (gain <= (last[0] as number)) {
          sizes[i] = Math.max((sizes[i] as number) / 2, least[i] as number);
          last.length = 0;
        } else last.shift();
      }
      yield tracker.best;
      const estimate = await estimated(context, images, step, around);
      addScaled(smooth, smooth, options.decay - 1);
      addScaled(smooth, estimate, 1 - options.decay);
      limit.step(images, smooth, sizes);
    }
  },
});
