import { z } from 'zod';
import { zeros } from '../tensor/index.ts';
import { apart } from './apart.ts';
import { defineAttack } from './define.ts';
import { iterate } from './iterate.ts';
import { standardised } from './momentum.ts';

/** From here on the code takes fewer and longer steps; in 8-bit levels. */
const large = 8;

/**
 * Momentum steps towards a class that are not signs: each entry moves by -2 to 2 whole steps, as far as its gradient
 * stands out. Several sources are one ensemble of equal logits. Left out are the weights of TSAIL's five networks (two
 * of them 4 times those of the others; two networks, 1 to 2, where epsilon is below 8/255) and the loss of their
 * auxiliary logits, times 0.4: they belong to those networks.
 */
export const tsailTargeted = defineAttack({
  name: 'tsail-targeted',
  title: "TSAIL's momentum steps of whole multiples",
  paper: 'NIPS 2017 competition, 1st targeted (TSAIL), read in dongyp13/Targeted-Adversarial-Attack',
  heldTo: 'closed forms; a restatement of its momentum',
  access: 'gradient',
  norms: ['linf'],
  goals: ['targeted', 'least-likely'],
  options: z.strictObject({
    steps: z
      .int()
      .min(1)
      .optional()
      .describe('gradient steps; 20 by default, 40 where epsilon is below 8/255'),
    stepSize: z
      .number()
      .positive()
      .optional()
      .describe('in pixel units; epsilon / 12 by default, epsilon / 28 where epsilon is below 8/255'),
    decay: z.number().min(0).default(1).describe('share of the momentum kept from step to step'),
  }),
  run: (context) =>
    apart(
      context,
      (radius) => 255 * radius < large - 1e-6,
      (part, small) =>
        iterate(part, {
          steps: part.options.steps ?? (small ? 40 : 20),
          stepSize: part.options.stepSize ?? ((radius) => radius / (small ? 28 : 12)),
          how: [standardised(part.options.decay, zeros(part.batch.images.shape))],
          asItIs: true,
        }),
    ),
});
