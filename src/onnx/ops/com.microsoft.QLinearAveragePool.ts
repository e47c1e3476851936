import type { Dim } from '../graph.ts';
import { intAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';
import { channelsFirst, quantisedType } from '../quantised.ts';
import { averagePool } from './AveragePool.ts';

/** [x, scale, zero, scale of y, zero of y]: AveragePool; with `channels_last` x is [N, ..., C]. */
export const comMicrosoftQLinearAveragePool = defineOp({
  op: 'QLinearAveragePool',
  domain: 'com.microsoft',
  inputs: [4, 5],
  infer: (c) => {
    const last = intAttribute(c.node, 'channels_last', 0) === 1;
    const pooled = averagePool.infer(channelsFirst(last, c))[0]?.shape;
    const shape =
      last && pooled !== undefined ? [pooled[0] as Dim, ...pooled.slice(2), pooled[1] as Dim] : pooled;
    return [{ dtype: quantisedType(c, 4), shape }];
  },
});
