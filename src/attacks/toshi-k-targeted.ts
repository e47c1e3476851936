import { z } from 'zod';
import { crossEntropy } from '../models/index.ts';
import { rows } from '../tensor/index.ts';
import { defineAttack } from './define.ts';
import { iterate, smoothing, stepOptions } from './iterate.ts';
import { rootGaussianKernel, smoothed } from './smoothed.ts';
import { sourcesOf } from './sources.ts';
import { reach } from './step.ts';

/**
 * Sign steps to a class along the mean gradient of the sources' losses, smoothed by a Gaussian of 7 pixels that is wider
 * the larger epsilon is, and none up to 4/255. Left out is the loss of auxiliary logits, times 0.4, which belong to the
 * networks of 2017.
 */
export const toshiKTargeted = defineAttack({
  name: 'toshi-k-targeted',
  title: "toshi-k's iterated steps along smoothed gradients",
  paper: 'NIPS 2017 competition, 9th targeted (toshi-k), read in toshi-k/kaggle-nips-2017-adversarial-attack',
  heldTo: 'closed forms',
  access: 'gradient',
  members: true,
  norms: ['linf'],
  goals: ['targeted'],
  options: z.strictObject({
    ...stepOptions(14, 'max(epsilon / steps, 1/255)'),
    smoothing: smoothing.default(0.1),
    spread: z
      .number()
      .positive()
      .optional()
      .describe(
        'standard deviations that the kernel of 7 pixels spans on each side; by default 4, and 8, 12, 1000 (which smooths nothing) up to an epsilon of 12/255, 8/255, 4/255',
      ),
  }),
  run(context) {
    const { limit, options } = context;
    const kernels = Array.from(reach(limit), (radius) =>
      smoothed(rootGaussianKernel(7, options.spread ?? spreadFor(255 * radius))),
    );
    const sources = sourcesOf(context);
    return iterate(context, {
      steps: options.steps,
      stepSize: options.stepSize ?? ((radius) => Math.max(radius / options.steps, 1 / 255)),
      objective: crossEntropy({ smoothing: options.smoothing }),
      models: () => sources,
      how: [
        (gradient, step) => {
          for (const [i, smooth] of kernels.entries()) smooth(rows(gradient, i, i + 1), step);
        },
      ],
    });
  },
});

/** @param epsilon in 8-bit levels */
function spreadFor(epsilon: number): number {
  const found = [
    [4, 1000],
    [8, 12],
    [12, 8],
  ].find(([upTo]) => epsilon <= (upTo as number) + 1e-6);
  return found?.[1] ?? 4;
}
