import { z } from 'zod';
import { pgd } from '../../attacks/index.ts';
import { pixelUnits } from '../../catalog/index.ts';
import { concatRows } from '../../tensor/index.ts';
import { classifierOf, craft, parted, randomOfStep } from './craft.ts';
import { defineTrainingDefense } from './define.ts';

/**
 * Learns from adversarial images: those that projected gradient descent, from a random point of the ball, finds
 * against the weights before each step, the network predicting with its running statistics. With a share below 1 the
 * rest of each batch stays clean, which small networks need in order to learn at all (Kurakin et al. 2017,
 * arXiv:1611.01236, section 3).
 */
export const adversarialTraining = defineTrainingDefense({
  name: 'adversarial-training',
  title: 'Adversarial training',
  paper: 'Madry et al. 2017, arXiv:1706.06083, eq. 2.1 and section 2',
  options: z.strictObject({
    epsilon: pixelUnits.prefault('8/255').describe('radius of the linf ball, such as 8/255'),
    steps: z.int().min(1).default(7).describe('gradient steps of each image'),
    stepSize: pixelUnits.optional().describe('in pixel units; 2.5 epsilon / steps by default'),
    share: z.number().gt(0).max(1).default(1).describe('share of each batch that is made adversarial'),
    rise: z
      .int()
      .min(0)
      .default(0)
      .describe('training steps over which epsilon grows from 0, in a straight line'),
  }),
  open({ network, seed }, { epsilon, steps, stepSize = (2.5 * epsilon) / steps, share, rise }) {
    return async (batch, step, weights) => {
      const scale = step < rise ? (step + 1) / rise : 1;
      const model = classifierOf(network, weights);
      const [part, rest] = parted(batch, share);
      try {
        const images = await craft({
          model,
          batch: part,
          attack: pgd,
          epsilon: scale * epsilon,
          options: { steps, stepSize: scale * stepSize },
          random: randomOfStep(seed, step),
        });
        return { ...batch, images: concatRows([images, rest]) };
      } finally {
        await model.release();
      }
    };
  },
});
