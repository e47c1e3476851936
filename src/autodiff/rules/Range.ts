import { mul, reduceSum } from '../emit.ts';
import { defineRule } from '../rule.ts';

/** y_i = start + i·step: start takes Σ dy, step Σ i·dy; the limit only decides how many there are. */
export const range = defineRule({
  op: 'Range',
  since: 11,
  inputs: ['start', '', 'delta'],
  flat: [1],
  backward: ({ b, dy, needs }) => {
    const d = dy[0] as string;
    const zero = b.scalar(0, 'int64');
    const counted = (): string =>
      b.op('CastLike', [b.op('Range', [zero, b.op('Size', [d]), b.scalar(1, 'int64')]), d]);
    return [
      needs(0) ? reduceSum(b, d, undefined, false) : undefined,
      undefined,
      needs(2) ? reduceSum(b, mul(b, d, counted()), undefined, false) : undefined,
    ];
  },
});
