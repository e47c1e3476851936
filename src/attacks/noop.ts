import { z } from 'zod';
import { clone, norms } from '../tensor/index.ts';
import { defineAttack } from './define.ts';

/** Changes nothing: the measure of what a model gets wrong by itself. */
export const noop = defineAttack({
  name: 'noop',
  title: 'No attack',
  paper: 'NIPS 2017 competition, baseline',
  access: 'none',
  norms: [...norms],
  goals: ['untargeted', 'targeted', 'least-likely'],
  options: z.strictObject({}),
  // oxlint-disable-next-line require-yield -- there is nothing to improve step by step
  async *run({ batch }) {
    return clone(batch.start);
  },
});
