import { z } from 'zod';
import { defineAttack } from './define.ts';
import { iterate, stepOptions } from './iterate.ts';
import { rootGaussianKernel, smoothed } from './smoothed.ts';
import { sourcesOf } from './sources.ts';

/**
 * Each source makes a sign step of its own, along its gradient smoothed by a wide Gaussian of 7 pixels, and the image
 * takes the mean of these steps: where sources disagree it moves less. The step is 0.05 of [-1,1] whatever epsilon,
 * so that at 4/255 one goes from end to end. The code keeps to the pixel range at the end alone, here every step does;
 * it took its third network's answers for labels.
 */
export const toshiKNontargeted = defineAttack({
  name: 'toshi-k-nontargeted',
  title: "toshi-k's mean of sign steps along smoothed gradients",
  paper:
    'NIPS 2017 competition, 5th non-targeted (toshi-k), read in toshi-k/kaggle-nips-2017-adversarial-attack',
  heldTo: 'closed forms; fgsm',
  access: 'gradient',
  members: true,
  norms: ['linf'],
  goals: ['untargeted'],
  options: z.strictObject({
    ...stepOptions(15, '0.025'),
    spread: z
      .number()
      .positive()
      .default(2)
      .describe(
        'standard deviations that the kernel of 7 pixels spans on each side; the wider, the less it smooths',
      ),
  }),
  run(context) {
    const { options } = context;
    const smooth = smoothed(rootGaussianKernel(7, options.spread));
    const sources = sourcesOf(context);
    return iterate(context, {
      steps: options.steps,
      stepSize: (options.stepSize ?? 0.025) / sources.length,
      asItIs: true,
      models: () => sources,
      each(gradient, step) {
        smooth(gradient, step);
        for (const [i, g] of gradient.data.entries()) gradient.data[i] = Math.sign(g) || 0;
      },
    });
  },
});
