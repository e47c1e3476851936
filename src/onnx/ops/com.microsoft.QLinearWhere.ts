import { broadcastShapes } from '../dims.ts';
import { defineOp } from '../op.ts';
import { quantisedType } from '../quantised.ts';

/** [condition, x, scale, zero, y, scale, zero, scale of the result, zero of it]: Where between quantised tensors. */
export const comMicrosoftQLinearWhere = defineOp({
  op: 'QLinearWhere',
  domain: 'com.microsoft',
  inputs: [9, 9],
  infer: (c) => {
    const [condition, x, y] = [c.shape(0), c.shape(1), c.shape(4)];
    const both = x === undefined || y === undefined ? undefined : broadcastShapes(x, y);
    const shape =
      condition === undefined || both === undefined ? undefined : broadcastShapes(condition, both);
    return [{ dtype: quantisedType(c, 8), shape }];
  },
});
