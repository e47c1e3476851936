import { z } from 'zod';
import { clone } from '../tensor/index.ts';
import { defineAttack } from './define.ts';
import { advance, ask, direction } from './step.ts';

/** x' = clip(x ± ε·v), v the steepest direction of unit norm: sign ∇L for linf, ∇L/‖∇L‖₂ for l2. */
export const fgsm = defineAttack({
  name: 'fgsm',
  title: 'Fast gradient sign method',
  paper: 'Goodfellow et al. 2014, arXiv:1412.6572, section 4',
  access: 'gradient',
  norms: ['linf', 'l2'],
  goals: ['untargeted', 'targeted', 'least-likely'],
  options: z.strictObject({}),
  // oxlint-disable-next-line require-yield -- it has one step
  async *run(context) {
    const { batch, goal, limit } = context;
    const images = clone(batch.images);
    const { gradient } = await ask(context, images);
    advance(images, gradient, direction(goal) * limit.epsilon, limit, batch.images);
    return images;
  },
});
