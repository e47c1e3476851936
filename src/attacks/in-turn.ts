import { z } from 'zod';
import { defineAttack } from './define.ts';
import { iterate } from './iterate.ts';
import { momentumOptions, momentumParts } from './mi-fgsm.ts';
import { sourcesOf } from './sources.ts';

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
    const { options } = context;
    const sources = sourcesOf(context);
    return iterate(context, {
      ...options,
      ...momentumParts(context, options),
      models: (step) => [sources[step % sources.length] as (typeof sources)[number]],
    });
  },
});
