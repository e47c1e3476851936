import { z } from 'zod';
import { crossEntropy } from '../models/index.ts';
import { defineAttack } from './define.ts';
import { iterate, smoothing } from './iterate.ts';

/** One step of ε down the cross-entropy of the target: x − ε·sign ∇J(x, t). */
export const stepTargetClass = defineAttack({
  name: 'step-target-class',
  title: 'One step to the target class',
  paper: 'NIPS 2017 competition, baseline step_target_class (without its auxiliary logits)',
  heldTo: 'affine models',
  access: 'gradient',
  norms: ['linf'],
  goals: ['targeted', 'least-likely'],
  options: z.strictObject({
    smoothing,
  }),
  run: (context) =>
    iterate(context, {
      steps: 1,
      objective: crossEntropy({ smoothing: context.options.smoothing }),
    }),
});
