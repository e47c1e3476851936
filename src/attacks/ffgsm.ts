import { z } from 'zod';
import { clone } from '../tensor/index.ts';
import { defineAttack } from './define.ts';
import { stepSizes } from './iterate.ts';
import { perturb } from './noise.ts';
import { uphill } from './step.ts';

/** A uniform point of the cube, one step longer than epsilon from there, and back into the cube. */
export const ffgsm = defineAttack({
  name: 'ffgsm',
  title: 'Fast gradient sign from a random start',
  paper: 'Wong et al. 2020, arXiv:2001.03994, algorithm 3; step of 1.25 epsilon as in section 4.1',
  heldTo: 'affine models',
  access: 'gradient',
  norms: ['linf'],
  goals: ['untargeted', 'targeted', 'least-likely'],
  options: z.strictObject({
    stepSize: z.number().positive().optional().describe('in pixel units; 1.25 epsilon by default'),
  }),
  async *run(context) {
    const { batch, limit, options } = context;
    const images = clone(batch.start);
    perturb(images, context);
    const { gradient } = await uphill(context, images);
    limit.step(images, gradient, stepSizes(limit, options.stepSize ?? ((radius) => 1.25 * radius)));
    yield images;
    return images;
  },
});
