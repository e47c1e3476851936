import { z } from 'zod';
import { defineView } from '../view.ts';

/**
 * Backward pass differentiable approximation: forward through the stages as they are, backward through their
 * differentiable twins, or through the identity where a stage has none or it is asked for. A random stage sees one
 * draw both ways. A model without stages is left as it is.
 */
export const bpda = defineView({
  name: 'bpda',
  title: 'Backward pass differentiable approximation',
  paper: 'Athalye et al. 2018, arXiv:1802.00420, section 4.1',
  options: z.strictObject({
    backward: z
      .enum(['surrogate', 'identity'])
      .default('surrogate')
      .describe("gradient of a stage that has none: its differentiable twin's, or the identity"),
  }),
  idle: ({ approximate }) =>
    approximate === undefined ? 'has no defense whose gradient it could stand for' : undefined,
  open: ({ model, options: { backward } }) => model.approximate?.(backward) ?? model,
});
