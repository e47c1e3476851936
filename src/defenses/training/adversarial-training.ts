import { z } from 'zod';
import { pgd, pixelUnits } from '../../attacks/index.ts';
import { classifierOf, craft, randomOf } from './craft.ts';
import { defineTrainingDefense } from './define.ts';

/**
 * Learns from adversarial images alone: those that projected gradient descent, from a random point of the ball, finds
 * against the weights before each step, the network predicting with its running statistics.
 */
export const adversarialTraining = defineTrainingDefense({
  name: 'adversarial-training',
  title: 'Adversarial training',
  source: 'Madry et al. 2017, arXiv:1706.06083, eq. 2.1 and section 2',
  options: z.strictObject({
    epsilon: pixelUnits.default(8 / 255).describe('radius of the linf ball, such as 8/255'),
    steps: z.int().min(1).default(7).describe('gradient steps of each image'),
    stepSize: pixelUnits.optional().describe('in pixel units; 2.5 epsilon / steps by default'),
    rise: z
      .int()
      .min(0)
      .default(0)
      .describe('training steps over which epsilon grows from 0, in a straight line'),
  }),
  open({ network, seed }, { epsilon, steps, stepSize = (2.5 * epsilon) / steps, rise }) {
    return async (batch, step, weights) => {
      const share = step < rise ? (step + 1) / rise : 1;
      const model = classifierOf(network, weights);
      try {
        const images = await craft({
          model,
          batch,
          attack: pgd,
          epsilon: share * epsilon,
          options: { steps, stepSize: share * stepSize },
          random: randomOf(seed, step),
        });
        return { ...batch, images };
      } finally {
        await model.release();
      }
    };
  },
});
