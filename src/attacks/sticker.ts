import { z } from 'zod';
import { margin } from '../models/index.ts';
import { clone, rows } from '../tensor/index.ts';
import { defineAttack } from './define.ts';
import { stepSizes } from './iterate.ts';
import { uphill } from './step.ts';
import { track } from './track.ts';

/**
 * A visible sticker: any pixels within a region (a mask, or the best square of a share of the area), nothing outside.
 * Sign steps on the margin from the clean image, so that the first step's square is the one where it climbs most; of
 * all images seen the best for the attacker. From random pixels the square would be wherever these weigh most.
 */
export const sticker = defineAttack({
  name: 'sticker',
  title: 'Sticker in a region of the image',
  paper: 'Karmon et al. 2018, arXiv:1801.02608 (LaVAN), section 3: localised visible noise',
  heldTo: 'affine models',
  access: 'gradient',
  norms: ['linf'],
  goals: ['untargeted', 'targeted', 'least-likely'],
  region: 'needed',
  options: z.strictObject({
    steps: z.int().min(1).default(100).describe('gradient steps'),
    stepSize: z.number().positive().optional().describe('in pixel units; a twentieth of epsilon by default'),
    randomStart: z.boolean().default(false).describe('start at random pixels instead of the image'),
  }),
  async *run(context) {
    const { model, batch, goal, limit, random, options } = context;
    const sizes = stepSizes(limit, options.stepSize ?? ((radius) => radius / 20));
    const tracker = track(goal, batch.start);
    const images = clone(batch.start);
    if (options.randomStart)
      for (const [i, id] of batch.ids.entries())
        random.stream(id, 'start').fillUniform(rows(images, i, i + 1).data, 0, 1);
    limit.project(images);
    for (let step = 0; step < options.steps; step++) {
      const answer = await uphill(context, images, margin());
      tracker.see(images, answer);
      limit.step(images, answer.gradient, sizes);
      yield tracker.best;
    }
    tracker.see(images, await model.answers({ images, ids: batch.ids }));
    return tracker.best;
  },
});
