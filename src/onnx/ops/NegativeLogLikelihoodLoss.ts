import { stringAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';

export const negativeLogLikelihoodLoss = defineOp({
  op: 'NegativeLogLikelihoodLoss',
  inputs: [2, 3],
  infer: (c) => {
    const shape = stringAttribute(c.node, 'reduction', 'mean') === 'none' ? c.shape(1) : [];
    return [{ dtype: c.dtype(0), shape }];
  },
});
