import { defineOp } from '../op.ts';

/** x, scale, bias, mean, variance to y and, in training, the new running mean and variance. */
export const batchNormalization = defineOp({
  op: 'BatchNormalization',
  inputs: [5, 5],
  infer: (c) => [c.type(0), c.type(3), c.type(4), c.type(3), c.type(4)],
});
