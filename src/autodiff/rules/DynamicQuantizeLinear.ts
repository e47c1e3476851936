import { div } from '../emit.ts';
import { defineRule } from '../rule.ts';

/** dy / scale: the scale and the zero point count as constants, and nothing saturates. */
export const dynamicQuantizeLinear = defineRule({
  op: 'DynamicQuantizeLinear',
  since: 11,
  remarks: 'straight through the rounding; scale and zero point count as constants, nothing saturates',
  backward: ({ b, y, dy }) => (dy[0] === undefined ? [] : [div(b, dy[0], y[1] as string)]),
});
