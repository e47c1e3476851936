import { z } from 'zod';
import { pixelByPixel } from './cw-l0.ts';
import { searched } from './cw-l2.ts';
import { underThreshold } from './cw-linf.ts';
import { defineAttack } from './define.ts';
import { inDescents } from './descents.ts';

/**
 * Carlini and Wagner's attacks: what lies over the border is weighed by a constant against the size of the change, and the
 * constant searched for. In l2 by bisection, each trial from the image; in linf the change is pressed under a threshold that
 * falls with each success; in l0 pixels that matter least are given back until no more can be. The distance's part of the
 * loss is summed per image, and an image whose search brings nothing any more leaves it alone.
 */
export const cw = defineAttack({
  name: 'cw',
  title: 'Carlini and Wagner',
  paper:
    'Carlini and Wagner 2016, arXiv:1608.04644: l2 section VI.A, l0 VI.B, linf VI.C; constants of the authors’ code, which takes 10,000 steps in l2',
  heldTo: 'adversarial-library; the nearest point of affine models',
  access: 'gradient',
  norms: ['l2', 'linf', 'l0', 'l0-entries'],
  goals: ['untargeted', 'targeted', 'least-likely'],
  radius: 'minimum',
  options: z.strictObject({
    steps: z.int().min(1).default(1000).describe('gradient steps for one constant'),
    searches: z.int().min(1).default(9).describe('constants that are tried in l2'),
    rate: z.number().positive().optional().describe('of Adam; 0.01 by default, 0.005 in linf'),
    firstConstant: z.number().positive().optional().describe('0.001 by default, 0.00001 in linf'),
    confidence: z.number().min(0).default(0).describe('margin from which an image counts as fooling'),
    box: z
      .enum(['tanh', 'projection'])
      .default('tanh')
      .describe('how pixels are kept in range: by a change of variable, or by cutting after each step'),
    abort: z.boolean().default(true).describe('ends a trial that a tenth of its steps has not improved'),
    shrink: z.number().gt(0).lt(1).default(0.9).describe('share of the threshold after a success, in linf'),
    smallest: z
      .number()
      .positive()
      .default(1 / 256)
      .describe('threshold that ends the search in linf'),
  }),
  run(context) {
    const { norm } = context.limit.spec;
    const { confidence, rate, firstConstant, ...rest } = context.options;
    const plan = {
      confidence,
      rate: rate ?? (norm === 'linf' ? 0.005 : 0.01),
      firstConstant: firstConstant ?? (norm === 'linf' ? 1e-5 : 1e-3),
      ...rest,
    };
    return inDescents(
      context,
      (slope) => {
        if (norm === 'l2') return searched(slope, plan);
        return norm === 'linf'
          ? underThreshold(slope, plan)
          : pixelByPixel(slope, { ...plan, apart: norm === 'l0-entries' });
      },
      { confidence },
    );
  },
});
