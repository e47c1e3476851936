import { z } from 'zod';
import { defineAttack } from './define.ts';
import { iterate, stepOptions } from './iterate.ts';

/**
 * Sign steps on an ensemble of logits that grow shorter, for the goal of a class. No code of it is public: after a
 * description that has "iterated ensemble, step shrinking" and steps as many as time allowed. That they shrink
 * evenly, and how far they go, is ours: together twice the radius, so that they can turn back.
 */
export const fatfinger = defineAttack({
  name: 'fatfinger',
  title: "FatFinger's iterated ensemble with a shrinking step",
  paper: 'NIPS 2017 competition, 3rd targeted (FatFinger), from a description, no code being public',
  heldTo: 'closed forms; bim',
  access: 'gradient',
  norms: ['linf', 'l2'],
  goals: ['targeted', 'least-likely'],
  options: z.strictObject(
    stepOptions(20, '4 epsilon / (steps + 1), the first, of which the last is 1/steps'),
  ),
  run(context) {
    const { steps, stepSize } = context.options;
    return iterate(context, {
      steps,
      stepSize: (radius, step) => ((stepSize ?? (4 * radius) / (steps + 1)) * (steps - step)) / steps,
    });
  },
});
