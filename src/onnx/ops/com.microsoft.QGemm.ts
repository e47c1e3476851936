import { intAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';
import { quantisedType } from '../quantised.ts';

/**
 * [a, scale, zero, b, scale, zero, bias, scale of y, zero of y]: alpha·a·b + bias between quantised matrices;
 * float32 where no scale of y is given.
 */
export const comMicrosoftQGemm = defineOp({
  op: 'QGemm',
  domain: 'com.microsoft',
  inputs: [6, 9],
  infer: (c) => {
    const rows = c.shape(0)?.[intAttribute(c.node, 'transA', 0) === 1 ? 1 : 0];
    const columns = c.shape(3)?.[intAttribute(c.node, 'transB', 0) === 1 ? 0 : 1];
    const shape = rows === undefined || columns === undefined ? undefined : [rows, columns];
    return [{ dtype: (c.node.inputs[7] ?? '') === '' ? 'float32' : quantisedType(c, 8), shape }];
  },
});
