import { defineOp } from '../op.ts';
import { channelsLast } from '../quantised.ts';
import { maxPool } from './MaxPool.ts';

/** MaxPool of quantised images [N, ..., C]. */
export const comMicrosoftNhwcMaxPool = defineOp({
  op: 'NhwcMaxPool',
  domain: 'com.microsoft',
  inputs: [1, 1],
  infer: (c) => [{ dtype: c.dtype(0), shape: channelsLast(c, (first) => maxPool.infer(first), true) }],
});
