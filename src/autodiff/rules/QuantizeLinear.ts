import { add, castTo, div, mul, neg } from '../emit.ts';
import { perElement, perParameter, rangeOf } from '../quantised.ts';
import { defineRule } from '../rule.ts';
import { atLeast, atMost } from '../step.ts';

/**
 * Straight through: dy / scale where the rounded value lies in the range of the integer type, else 0. The scale takes
 * −x / scale times that.
 */
export const quantizeLinear = defineRule({
  op: 'QuantizeLinear',
  since: 10,
  inputs: ['x', 'y_scale'],
  remarks:
    'straight through the rounding, and 0 where the integer type saturates; the zero point counts as a constant',
  backward: ({ b, node, x, dy, needs }) => {
    const [input, parameter] = x as [string, string];
    const dtype = b.dtype(input);
    const scale = castTo(b, perElement(b, node, parameter, input), dtype);
    let rounded = b.op('Round', [div(b, input, scale)]);
    if ((x[2] ?? '') !== '')
      rounded = add(b, rounded, castTo(b, perElement(b, node, x[2] as string, input), dtype));
    const [low, high] = rangeOf(b, node);
    const d = div(b, castTo(b, dy[0] as string, dtype), scale);
    const dx = mul(b, d, mul(b, atLeast(b, rounded, low), atMost(b, rounded, high)));
    return [
      needs(0) ? dx : undefined,
      needs(1) ? perParameter(b, node, neg(b, mul(b, dx, div(b, input, scale))), parameter) : undefined,
    ];
  },
});
