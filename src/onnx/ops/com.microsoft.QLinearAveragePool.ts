import { defineOp } from '../op.ts';
import { channelsLast, quantisedType } from '../quantised.ts';
import { averagePool } from './AveragePool.ts';

/** [x, scale, zero, scale of y, zero of y]: AveragePool; with `channels_last` x is [N, ..., C]. */
export const comMicrosoftQLinearAveragePool = defineOp({
  op: 'QLinearAveragePool',
  domain: 'com.microsoft',
  inputs: [4, 5],
  infer: (c) => [{ dtype: quantisedType(c, 4), shape: channelsLast(c, (first) => averagePool.infer(first)) }],
});
