import { z } from 'zod';
import { crossEntropy } from '../models/index.ts';
import { defineAttack } from './define.ts';
import { iterate } from './iterate.ts';

/**
 * Iterated steps to the target class. The baseline's fixed step of 1/255 cannot reach the border of larger balls in
 * good time, hence max(ε/10, 1/255).
 */
export const iterTargetClass = defineAttack({
  name: 'iter-target-class',
  title: 'Iterated steps to the target class',
  source: 'NIPS 2017 competition, baseline iter_target_class (without its auxiliary logits)',
  access: 'gradient',
  norms: ['linf'],
  goals: ['targeted', 'least-likely'],
  options: z.strictObject({
    steps: z.int().min(1).default(20).describe('gradient steps'),
    stepSize: z
      .number()
      .positive()
      .optional()
      .describe('in pixel units; max(epsilon / 10, 1/255) by default'),
    smoothing: z
      .number()
      .min(0)
      .max(1)
      .default(0)
      .describe('label smoothing of the loss; the baseline took 0.1'),
  }),
  run: (context) =>
    iterate(context, {
      steps: context.options.steps,
      stepSize: context.options.stepSize ?? Math.max(context.limit.epsilon / 10, 1 / 255),
      objective: crossEntropy({ smoothing: context.options.smoothing }),
    }),
});
