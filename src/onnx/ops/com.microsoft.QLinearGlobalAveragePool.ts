import { intAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';
import { quantisedType } from '../quantised.ts';

/** [x, scale, zero, scale of y, zero of y]: the mean of each channel; with `channels_last` x is [N, ..., C]. */
export const comMicrosoftQLinearGlobalAveragePool = defineOp({
  op: 'QLinearGlobalAveragePool',
  domain: 'com.microsoft',
  inputs: [4, 5],
  infer: (c) => {
    const x = c.shape(0);
    const channels = intAttribute(c.node, 'channels_last', 0) === 1 ? (x?.length ?? 0) - 1 : 1;
    return [{ dtype: quantisedType(c, 4), shape: x?.map((d, i) => (i === 0 || i === channels ? d : 1)) }];
  },
});
