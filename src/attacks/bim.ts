import { z } from 'zod';
import { defineAttack } from './define.ts';
import { iterate, stepOptions } from './iterate.ts';

export const bim = defineAttack({
  name: 'bim',
  title: 'Basic iterative method (iterated FGSM)',
  paper: 'Kurakin et al. 2016, arXiv:1607.02533, section 2.2',
  heldTo: 'a float64 reference, image by image',
  access: 'gradient',
  norms: ['linf', 'l2'],
  goals: ['untargeted', 'targeted', 'least-likely'],
  options: z.strictObject(stepOptions(10, 'epsilon / steps')),
  run: (context) => iterate(context, context.options),
});
