import { intsAttribute } from '../graph.ts';
import { defineOp, normalizeAxis } from '../op.ts';

export const centerCropPad = defineOp({
  op: 'CenterCropPad',
  inputs: [2, 2],
  infer: (c) => {
    const shape = c.shape(0);
    if (shape === undefined) return [{ dtype: c.dtype(0), shape: undefined }];
    const out = [...shape];
    const axes = intsAttribute(c.node, 'axes') ?? shape.map((_, i) => i);
    const target = c.contents(1);
    for (const [i, a] of axes.entries()) out[normalizeAxis(a, shape.length)] = target?.[i] ?? c.fresh();
    return [{ dtype: c.dtype(0), shape: out }];
  },
});
