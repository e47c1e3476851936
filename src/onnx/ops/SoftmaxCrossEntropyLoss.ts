import { stringAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';

/** Loss and, where asked for, the logarithms of the probabilities. */
export const softmaxCrossEntropyLoss = defineOp({
  op: 'SoftmaxCrossEntropyLoss',
  inputs: [2, 3],
  infer: (c) => {
    const shape = stringAttribute(c.node, 'reduction', 'mean') === 'none' ? c.shape(1) : [];
    return [{ dtype: c.dtype(0), shape }, c.type(0)];
  },
});
