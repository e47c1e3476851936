import { castTo, mul } from '../emit.ts';
import { perElement } from '../quantised.ts';
import { defineRule } from '../rule.ts';

/** scale · dy. */
export const dequantizeLinear = defineRule({
  op: 'DequantizeLinear',
  since: 10,
  remarks: 'scale and zero point count as constants',
  backward: ({ b, node, x, dy, needs }) => {
    if (!needs(0)) return [];
    const d = dy[0] as string;
    return [mul(b, d, castTo(b, perElement(b, node, x[1] as string, x[0] as string), b.dtype(d)))];
  },
});
