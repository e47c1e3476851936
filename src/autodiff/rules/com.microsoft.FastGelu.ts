import { add, mul } from '../emit.ts';
import { tanhGeluSlope } from '../gelu.ts';
import { defineRule } from '../rule.ts';

/** Gelu by the tangent of x, or of x + bias: both receive the same. */
export const comMicrosoftFastGelu = defineRule({
  op: 'FastGelu',
  domain: 'com.microsoft',
  inputs: ['X', 'bias'],
  backward: ({ b, x, dy }) => {
    const [input, bias] = [x[0] as string, x[1] ?? ''];
    const g = mul(b, dy[0] as string, tanhGeluSlope(b, bias === '' ? input : add(b, input, bias)));
    return [g, g];
  },
});
