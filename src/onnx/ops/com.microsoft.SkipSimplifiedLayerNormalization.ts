import { defineOp } from '../op.ts';

/** Output, two that inference does not use, and the sum that is normalised. */
export const comMicrosoftSkipSimplifiedLayerNormalization = defineOp({
  op: 'SkipSimplifiedLayerNormalization',
  domain: 'com.microsoft',
  inputs: [3, 4],
  infer: (c) => [c.type(0), undefined, undefined, c.type(0)],
});
