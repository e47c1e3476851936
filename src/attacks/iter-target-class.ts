import { z } from 'zod';
import { crossEntropy } from '../models/index.ts';
import { defineAttack } from './define.ts';
import { iterate, smoothing, stepOptions } from './iterate.ts';

/**
 * Iterated steps to the target class. The baseline's fixed step of 1/255 cannot reach the border of larger balls in
 * good time, hence max(ε/10, 1/255).
 */
export const iterTargetClass = defineAttack({
  name: 'iter-target-class',
  title: 'Iterated steps to the target class',
  paper: 'NIPS 2017 competition, baseline iter_target_class (without its auxiliary logits)',
  heldTo: 'affine models',
  access: 'gradient',
  norms: ['linf'],
  goals: ['targeted', 'least-likely'],
  options: z.strictObject({
    ...stepOptions(20, 'max(epsilon / 10, 1/255)'),
    smoothing,
  }),
  run: (context) =>
    iterate(context, {
      steps: context.options.steps,
      stepSize: context.options.stepSize ?? ((radius) => Math.max(radius / 10, 1 / 255)),
      objective: crossEntropy({ smoothing: context.options.smoothing }),
    }),
});
