import { broadcastShapes } from '../dims.ts';
import { defineOp } from '../op.ts';
import { quantisedType } from '../quantised.ts';

/** [a, scale, zero, b, scale, zero, scale of y, zero of y]: Add between quantised tensors, with broadcasting. */
export const comMicrosoftQLinearAdd = defineOp({
  op: 'QLinearAdd',
  domain: 'com.microsoft',
  inputs: [7, 8],
  infer: (c) => {
    const [x, y] = [c.shape(0), c.shape(3)];
    const shape = x === undefined || y === undefined ? undefined : broadcastShapes(x, y);
    return [{ dtype: quantisedType(c, 7), shape }];
  },
});
