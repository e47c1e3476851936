import { defineOp } from '../op.ts';

/** Output, mean, inverse standard deviation (unused in inference) and the sum that is normalised. */
export const comMicrosoftSkipLayerNormalization = defineOp({
  op: 'SkipLayerNormalization',
  domain: 'com.microsoft',
  inputs: [3, 5],
  infer: (c) => [c.type(0), undefined, undefined, c.type(0)],
});
