import { intAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';

/** a [..., K] and a weight [N, blocks, bytes] of a few bits each, its scales, zero points and bias to [..., N]. */
export const comMicrosoftMatMulNBits = defineOp({
  op: 'MatMulNBits',
  domain: 'com.microsoft',
  inputs: [3, 6],
  infer: (c) => {
    const shape = c.shape(0);
    return [{ dtype: c.dtype(0), shape: shape && [...shape.slice(0, -1), intAttribute(c.node, 'N', 1)] }];
  },
});
