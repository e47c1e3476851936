import { z } from 'zod';
import { carliniWagner, crossEntropy, margin, type Objective } from '../models/index.ts';
import { clone, type Images, type RandomSource, rowSize, rows } from '../tensor/index.ts';
import { type Batch, defineAttack } from './define.ts';
import type { Limit } from './limit.ts';
import { addUniform } from './noise.ts';
import { advance, ask, direction } from './step.ts';
import { track } from './track.ts';

const objectives = {
  'cross-entropy': crossEntropy(),
  margin: margin(),
  'carlini-wagner': carliniWagner(),
} satisfies Record<string, Objective>;

/**
 * Steepest steps from a random point of the ball, projected; the best iterate of all restarts is kept (the
 * attacker's highest margin), the last one included at the price of one query per restart.
 */
export const pgd = defineAttack({
  name: 'pgd',
  title: 'Projected gradient descent',
  paper: 'Madry et al. 2017, arXiv:1706.06083, eq. 2',
  access: 'gradient',
  norms: ['linf', 'l2'],
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
  }),
  async *run(context) {
    const { model, batch, goal, limit, random, options } = context;
    const sign = direction(goal);
    const stepSize = options.stepSize ?? (2.5 * limit.epsilon) / options.steps;
    const objective = objectives[options.loss];
    const tracker = track(goal, batch.images);
    for (let restart = 0; restart < options.restarts; restart++) {
      const images = clone(batch.images);
      if (options.randomStart) {
        perturb(images, batch, limit, random, restart);
        limit.project(images, batch.images);
      }
      for (let step = 0; step < options.steps; step++) {
        const { logits, gradient } = await ask(context, images, objective);
        tracker.see(images, logits);
        advance(images, gradient, sign * stepSize, limit, batch.images);
        yield restart === 0 && step === 0 ? images : tracker.best;
      }
      tracker.see(images, await model.scores({ images, ids: batch.ids }));
    }
    return tracker.best;
  },
});

function perturb(
  images: Images,
  batch: Batch,
  limit: Pick<Limit, 'norm' | 'epsilon'>,
  random: RandomSource,
  restart: number,
): void {
  const scratch = new Float32Array(rowSize(images));
  for (const [i, id] of batch.ids.entries())
    addUniform(rows(images, i, i + 1).data, limit, random.stream(id, 'start', restart), scratch);
}
