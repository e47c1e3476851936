import { z } from 'zod';
import { defineAttack } from './define.ts';
import { iterate } from './iterate.ts';

/**
 * x' = clip(x ± ε·v), v the steepest direction of unit norm: sign ∇L for linf, ∇L/‖∇L‖₂ for l2, for l1 the entry of the
 * largest |∇L| that can move.
 */
export const fgsm = defineAttack({
  name: 'fgsm',
  title: 'Fast gradient (sign) method',
  paper: 'Goodfellow et al. 2014, arXiv:1412.6572, section 4',
  heldTo: 'a float64 reference, image by image',
  access: 'gradient',
  norms: ['linf', 'l2', 'l1'],
  goals: ['untargeted', 'targeted', 'least-likely'],
  options: z.strictObject({}),
  run: (context) => iterate(context, { steps: 1 }),
});
