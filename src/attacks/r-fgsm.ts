import { z } from 'zod';
import { clone, rowSize, rows } from '../tensor/index.ts';
import { defineAttack } from './define.ts';
import { reach, uphill } from './step.ts';

/**
 * x₁ = clip(x + α·sign N(0, I)), then one step of ε − α from there: out of reach of a network that hides its gradient at
 * the image itself. One step, as the paper has it; libraries iterate it.
 */
export const rFgsm = defineAttack({
  name: 'r-fgsm',
  title: 'Random step, then fast gradient sign (R+FGSM)',
  paper: 'Tramèr et al. 2017, arXiv:1705.07204, section 3.3, eq. 7',
  heldTo: 'affine models',
  access: 'gradient',
  norms: ['linf'],
  goals: ['untargeted', 'targeted', 'least-likely'],
  options: z.strictObject({
    share: z.number().gt(0).lt(1).default(0.5).describe('alpha, the random step, as a share of epsilon'),
  }),
  async *run(context) {
    const { batch, limit, random, options } = context;
    const radii = reach(limit);
    const images = clone(batch.start);
    const drawn = new Float32Array(rowSize(images));
    for (const [i, id] of batch.ids.entries()) {
      const { data } = rows(images, i, i + 1);
      const alpha = options.share * (radii[i] as number);
      random.stream(id, 'start').fillNormal(drawn, 0, 1);
      for (let j = 0; j < data.length; j++)
        data[j] = (data[j] as number) + alpha * Math.sign(drawn[j] as number);
    }
    limit.project(images);
    const { gradient } = await uphill(context, images);
    limit.step(
      images,
      gradient,
      radii.map((radius) => (1 - options.share) * radius),
    );
    yield images;
    return images;
  },
});
