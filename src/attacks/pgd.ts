import { z } from 'zod';
import { carliniWagner, crossEntropy, margin, type Objective } from '../models/index.ts';
import { clone, type Images, type Norm, type RandomSource, rowSize, rows } from '../tensor/index.ts';
import { type Batch, defineAttack } from './define.ts';
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
  source: 'Madry et al. 2017, arXiv:1706.06083, eq. 2',
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

/** Uniform in the ball: for linf in the cube, for l2 in direction of a normal at radius ε·U^(1/d). */
function perturb(
  images: Images,
  batch: Batch,
  limit: { norm: Norm; epsilon: number },
  random: RandomSource,
  restart: number,
): void {
  const size = rowSize(images);
  const noise = new Float32Array(size);
  for (const [i, id] of batch.ids.entries()) {
    const stream = random.stream(id, 'start', restart);
    let factor = 1;
    if (limit.norm === 'l2') {
      stream.fillNormal(noise, 0, 1);
      let sum = 0;
      for (const v of noise) sum += v * v;
      factor = (limit.epsilon * stream.uniform() ** (1 / size)) / Math.sqrt(sum);
    } else stream.fillUniform(noise, -limit.epsilon, limit.epsilon);
    const { data } = rows(images, i, i + 1);
    for (let j = 0; j < size; j++) data[j] = (data[j] as number) + factor * (noise[j] as number);
  }
}
