import { z } from 'zod';
import { defineAttack } from './define.ts';
import { followPlan, type PlannedStep, times } from './planned.ts';

/** Places of the networks of 2017, in the order in which sources stand for them. */
const [ensAdvIncRes, advV3, resNet50, v3, incRes, xception, resNet101] = [0, 1, 2, 3, 4, 5, 6];

/**
 * 19 sign steps in three phases, long ones on networks of several kinds and then ever shorter ones on the most robust:
 * each adds noise, and sums the gradients of two networks, asked once or twice under affine jitter. Sources stand for
 * its seven networks in this order: ensemble-adversarial Inception-ResNet v2, adversarial Inception v3, ResNet 50,
 * Inception v3, Inception-ResNet v2, Xception, ResNet 101; with fewer sources it goes round them. The original took its
 * networks' mean prediction for labels, and cut pixels to 8 bits where here they are rounded.
 */
export const sangxiaNontargeted = defineAttack({
  name: 'sangxia-nontargeted',
  title: "Sangxia's phases over networks, with noise and affine jitter",
  paper: 'NIPS 2017 competition, 2nd non-targeted (Sangxia Huang), read in sangxia/nips-2017-adversarial',
  heldTo: 'closed forms of its phases',
  access: 'gradient',
  members: true,
  through: [{ name: 'affine-jitter' }],
  norms: ['linf'],
  goals: ['untargeted'],
  options: z.strictObject({
    stepSize: z
      .number()
      .positive()
      .optional()
      .describe(
        'of the first two steps, in pixel units; epsilon by default. Later ones fall to a tenth of it',
      ),
    noise: z
      .number()
      .min(0)
      .default(0.2)
      .describe(
        'standard deviation of the first noise, as a multiple of epsilon; later ones fall to a fifth of it',
      ),
  }),
  run(context) {
    const { stepSize, noise } = context.options;
    return followPlan(context, planOf(noise), (radius) => stepSize ?? radius);
  },
});

function planOf(noise: number): PlannedStep[] {
  const step = (asks: number[], size: number, share: number, repeats = 2): PlannedStep => ({
    asks,
    repeats,
    size,
    noise: share * noise,
  });
  const robust = [advV3, ensAdvIncRes];
  const alone = [ensAdvIncRes, ensAdvIncRes];
  return [
    step([resNet50, resNet50], 1, 1),
    step(robust, 1, 1),
    ...times(3, step(robust, 0.5, 1)),
    step([v3, incRes], 0.5, 1),
    step([v3, xception], 0.5, 1),
    step([incRes, xception], 0.5, 1),
    step([v3, xception], 0.5, 1),
    step([ensAdvIncRes, resNet101], 0.2, 0.5),
    step([advV3, resNet101], 0.2, 0.5),
    ...times(2, step(robust, 0.1, 0.5, 1)),
    step(robust, 0.1, 0.2, 1),
    step(alone, 0.1, 0.2, 1),
    step([ensAdvIncRes, resNet101], 0.1, 0.2, 1),
    ...times(2, step(alone, 0.1, 0.2, 1)),
    step(robust, 0.1, 0.2),
  ];
}
