import { z } from 'zod';
import { type Images, rowSize, zeros } from '../tensor/index.ts';
import { type AttackContext, defineAttack } from './define.ts';
import { type How, iterate, stepOptions, stepSizes, type Where } from './iterate.ts';
import { ahead, momentum, varianceTuned } from './momentum.ts';
import { lossOf } from './named-losses.ts';
import { gaussianKernel, smoothed } from './smoothed.ts';

/** Options of the momentum methods: NI, VMI and TI are options of one iteration, and combine. */
export const momentumOptions = {
  ...stepOptions(10, 'epsilon / steps'),
  decay: z.number().min(0).default(1).describe('share of the momentum kept from step to step'),
  nesterov: z
    .boolean()
    .default(false)
    .describe('ask where the momentum leads (NI, Lin et al. 2019, arXiv:1908.06281)'),
  neighbours: z
    .int()
    .min(0)
    .default(0)
    .describe('random neighbours whose mean gradient tunes the next step (VMI, arXiv:2103.15571; 20 there)'),
  neighbourhood: z
    .number()
    .positive()
    .default(1.5)
    .describe('half the side of the cube that neighbours lie in, as a multiple of epsilon'),
  kernel: z
    .int()
    .min(1)
    .refine((side) => side % 2 === 1, 'an odd number')
    .default(1)
    .describe('side of the Gaussian that smooths gradients, odd (TI, arXiv:1904.02884; 15 there)'),
};

/** What `where` and `how` those options stand for. */
export function momentumParts(
  context: AttackContext,
  options: {
    steps: number;
    stepSize?: number | undefined;
    decay: number;
    nesterov: boolean;
    neighbours: number;
    neighbourhood: number;
    kernel: number;
  },
  kept: Images = zeros(context.batch.images.shape),
): { where: Where[]; how: How[] } {
  const { steps, stepSize, decay, nesterov, neighbours, neighbourhood, kernel } = options;
  const where: Where[] = [];
  // The momentum's mean entry is near 1: in l2 its length is divided by that of ones.
  const scale = context.limit.spec.norm === 'linf' ? 1 : Math.sqrt(rowSize(context.batch.images));
  const leads = stepSizes(context.limit, (radius) => decay * (stepSize ?? radius / steps)).map(
    (size) => size / scale,
  );
  if (nesterov) where.push(ahead(kept, leads));
  if (neighbours > 0) where.push(varianceTuned(context, { draws: neighbours, within: neighbourhood }));
  return { where, how: [smoothed(gaussianKernel(kernel)), momentum(decay, kept)] };
}

export const miFgsm = defineAttack({
  name: 'mi-fgsm',
  title: 'Momentum iterative fast gradient sign method',
  paper: 'Dong et al. 2017, arXiv:1710.06081, eq. 6-8',
  heldTo: 'a float64 reference, image by image',
  access: 'gradient',
  norms: ['linf', 'l2'],
  goals: ['untargeted', 'targeted', 'least-likely'],
  options: z.strictObject({
    ...momentumOptions,
    loss: z
      .enum(['cross-entropy', 'margin', 'logit'])
      .default('cross-entropy')
      .describe('objective that is climbed; logit is the one of arXiv:2012.11207, for long targeted runs'),
  }),
  run: (context) =>
    iterate(context, {
      ...context.options,
      objective: lossOf(context.options.loss, context.goal),
      ...momentumParts(context, context.options),
    }),
});
