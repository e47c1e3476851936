import { defineOp } from '../op.ts';
import { channelsLast, quantisedType } from '../quantised.ts';
import { qLinearConv } from './QLinearConv.ts';

/** As the standard operator; with `channels_last` the images are [N, ..., C]. */
export const comMicrosoftQLinearConv = defineOp({
  ...qLinearConv,
  domain: 'com.microsoft',
  infer: (c) => [{ dtype: quantisedType(c, 7), shape: channelsLast(c, (first) => qLinearConv.infer(first)) }],
});
