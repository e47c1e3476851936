import { z } from 'zod';
import { meanOfDraws } from '../../models/index.ts';
import { defineView } from '../view.ts';

/**
 * Expectation over transformation: each question is asked of several draws of a random model. The gradient is the mean
 * of the gradients of the losses (not of their signs), answers are those of the mean probabilities.
 */
export const eot = defineView({
  name: 'eot',
  title: 'Expectation over transformation',
  paper: 'Athalye et al. 2017, arXiv:1707.07397, section 2; the mean of the losses',
  options: z.strictObject({
    draws: z.int().min(1).default(10).describe('draws of the model that each question asks'),
  }),
  rows: ({ draws }, _kind, { random }) => (random ? draws : 1),
  idle: ({ random }) => (random ? undefined : 'draws nothing at random'),
  open: ({ model, options: { draws } }) => meanOfDraws(model, draws),
});
