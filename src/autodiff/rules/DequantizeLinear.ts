import { castTo, mul } from '../emit.ts';
import { lessZero, perElement, perParameter } from '../quantised.ts';
import { defineRule } from '../rule.ts';

/** dx = scale · dy; the scale takes Σ dy · (x − zero). */
export const dequantizeLinear = defineRule({
  op: 'DequantizeLinear',
  since: 10,
  inputs: ['x', 'x_scale'],
  remarks: 'the zero point counts as a constant',
  backward: ({ b, node, x, dy, needs }) => {
    const [input, scale, zero = ''] = x as [string, string, ...string[]];
    const d = dy[0] as string;
    const each = (parameter: string): string => perElement(b, node, parameter, input);
    const offset = (): string => lessZero(b, input, zero === '' ? '' : each(zero), b.dtype(d));
    return [
      needs(0) ? mul(b, d, castTo(b, each(scale), b.dtype(d))) : undefined,
      needs(1) ? perParameter(b, node, mul(b, d, offset()), scale) : undefined,
    ];
  },
});
