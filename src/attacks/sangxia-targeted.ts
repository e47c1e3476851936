import { z } from 'zod';
import { defineAttack } from './define.ts';
import { followPlan } from './planned.ts';

/** Networks asked at each step of a size: a all three, b the first two, c the first and third, 1 the first alone. */
const asked = { a: [0, 1, 2], b: [0, 1], c: [0, 2], 1: [0] };

const plan = (
  [
    [1, 'aaa1ab1bbb'],
    [0.5, 'b11cb1'],
    [0.25, 'aa111aa'],
    [0.1, '1c11cc1cb1ccbb11cbcc'],
  ] as const
).flatMap(([size, steps]) =>
  Array.from(steps, (which) => ({ asks: asked[which as keyof typeof asked], repeats: 1, size, noise: 0 })),
);

/**
 * 43 sign steps to a class that grow shorter, whatever epsilon, each along the sum of the gradients of one to three
 * networks, without noise and jitter. Sources stand for its three networks in this order: ensemble-adversarial
 * Inception-ResNet v2, adversarial Inception v3, Inception v3; with fewer sources it goes round them. The original cut
 * pixels to 8 bits where here they are rounded.
 */
export const sangxiaTargeted = defineAttack({
  name: 'sangxia-targeted',
  title: "Sangxia's shrinking steps over networks",
  paper: 'NIPS 2017 competition, 2nd targeted (Sangxia Huang), read in sangxia/nips-2017-adversarial',
  heldTo: 'closed forms; bim',
  access: 'gradient',
  members: true,
  norms: ['linf'],
  goals: ['targeted'],
  options: z.strictObject({
    stepSize: z
      .number()
      .positive()
      .default(1.8 / 255)
      .describe('of the first ten steps, in pixel units; later ones fall to a tenth of it'),
  }),
  run: (context) => followPlan(context, plan, () => context.options.stepSize),
});
