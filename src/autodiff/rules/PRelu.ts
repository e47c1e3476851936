import { mul, select } from '../emit.ts';
import { defineRule } from '../rule.ts';

/** dx = dy where x > 0, else slope · dy; d(slope) = x dy where x ≤ 0. */
export const pRelu = defineRule({
  op: 'PRelu',
  inputs: ['X', 'slope'],
  remarks: 'the slope at 0',
  backward: ({ b, x, dy, needs }) => {
    const [input, slope, g] = [x[0] as string, x[1] as string, dy[0] as string];
    const zero = b.scalar(0, b.dtype(input));
    return [
      needs(0) ? b.op('Where', [b.op('Greater', [input, zero]), g, mul(b, g, slope)]) : undefined,
      needs(1) ? select(b, b.op('LessOrEqual', [input, zero]), mul(b, input, g)) : undefined,
    ];
  },
});
