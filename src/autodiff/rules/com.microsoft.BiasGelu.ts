import { add, mul } from '../emit.ts';
import { geluSlope } from '../gelu.ts';
import { defineRule } from '../rule.ts';

/** Gelu(x + bias): both receive the same. */
export const comMicrosoftBiasGelu = defineRule({
  op: 'BiasGelu',
  domain: 'com.microsoft',
  inputs: ['A', 'B'],
  backward: ({ b, x, dy }) => {
    const g = mul(b, dy[0] as string, geluSlope(b, add(b, x[0] as string, x[1] as string)));
    return [g, g];
  },
});
