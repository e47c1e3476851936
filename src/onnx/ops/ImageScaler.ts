import { defineOp } from '../op.ts';

/** Images at another scale, a bias for each channel; up to opset 9. */
export const imageScaler = defineOp({
  op: 'ImageScaler',
  inputs: [1, 1],
  attributes: { bias: 'floats' },
  infer: (c) => [c.type(0)],
});
