import { z } from 'zod';
import { crossEntropy, labelTensor } from '../models/index.ts';
import { zeros } from '../tensor/index.ts';
import { defineAttack } from './define.ts';
import { iterate } from './iterate.ts';
import { momentumOptions, momentumParts } from './mi-fgsm.ts';
import { turn } from './step.ts';

/**
 * MI-FGSM that asks its sources one after the other, a step each, with one momentum: cheaper per step than an ensemble,
 * and never at rest on a point that suits one network alone. Without sources it asks the judged model.
 */
export const inTurn = defineAttack({
  name: 'in-turn',
  title: 'Momentum steps on one source after the other',
  paper:
    'NIPS 2017 competition, after Sangxia Huang (non-targeted, 2nd: networks in turn); momentum of arXiv:1710.06081',
  heldTo: 'affine models; mi-fgsm',
  access: 'gradient',
  members: true,
  norms: ['linf', 'l2'],
  goals: ['untargeted', 'targeted'],
  options: z.strictObject(momentumOptions),
  run(context) {
    const { model, members, batch, goal, options } = context;
    const sources = members.length > 0 ? members : [model];
    const kept = zeros(batch.images.shape);
    const { where, how } = momentumParts(context, options, kept);
    return iterate(context, {
      ...options,
      where: [
        ...where,
        async (images, step) => {
          const source = sources[step % sources.length] as (typeof sources)[number];
          const given = { labels: labelTensor(goal.classes) };
          const { gradient } = await source.gradient({ images, ids: batch.ids }, crossEntropy(), given);
          turn(gradient, goal);
          return gradient;
        },
      ],
      how,
    });
  },
});
