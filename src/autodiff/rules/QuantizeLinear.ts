import { add, castTo, div, mul } from '../emit.ts';
import { perElement, rangeOf } from '../quantised.ts';
import { defineRule } from '../rule.ts';
import { atLeast, atMost } from '../step.ts';

/** Straight through: dy / scale where the rounded value lies in the range of the integer type, else 0. */
export const quantizeLinear = defineRule({
  op: 'QuantizeLinear',
  since: 10,
  remarks:
    'straight through the rounding, and 0 where the integer type saturates; scale and zero point count as constants',
  backward: ({ b, node, x, dy, needs }) => {
    if (!needs(0)) return [];
    const input = x[0] as string;
    const dtype = b.dtype(input);
    const scale = castTo(b, perElement(b, node, x[1] as string, input), dtype);
    let rounded = b.op('Round', [div(b, input, scale)]);
    if ((x[2] ?? '') !== '')
      rounded = add(b, rounded, castTo(b, perElement(b, node, x[2] as string, input), dtype));
    const [low, high] = rangeOf(b, node);
    const d = div(b, castTo(b, dy[0] as string, dtype), scale);
    return [mul(b, d, mul(b, atLeast(b, rounded, low), atMost(b, rounded, high)))];
  },
});
