import { defineOp } from '../op.ts';
import { floatView, quantisedType } from '../quantised.ts';
import { concat } from './Concat.ts';

/** [scale of y, zero of y, then tensor, scale, zero of each part]: the parts side by side at one scale. */
export const comMicrosoftQLinearConcat = defineOp({
  op: 'QLinearConcat',
  domain: 'com.microsoft',
  inputs: [5, Number.POSITIVE_INFINITY],
  infer: (c) => {
    const places = c.node.inputs.flatMap((_, i) => (i >= 2 && (i - 2) % 3 === 0 ? [i] : []));
    const node = { ...c.node, inputs: places.map((i) => c.node.inputs[i] as string) };
    const joined = concat.infer({ ...floatView(c, places), node });
    return joined.map((t) => t && { dtype: quantisedType(c, 1), shape: t.shape });
  },
});
