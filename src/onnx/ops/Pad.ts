import { intsAttribute } from '../graph.ts';
import { defineOp, normalizeAxis } from '../op.ts';

/** x, pads, value, axes: `pads` holds all amounts before, then all after; negative ones crop. */
export const pad = defineOp({
  op: 'Pad',
  inputs: [1, 4],
  infer: (c) => {
    const x = c.shape(0);
    if (x === undefined) return [{ dtype: c.dtype(0), shape: undefined }];
    const pads = intsAttribute(c.node, 'pads') ?? intsAttribute(c.node, 'paddings') ?? c.ints(1);
    const hasAxes = (c.node.inputs[3] ?? '') !== '';
    const axes = hasAxes ? c.ints(3)?.map((a) => normalizeAxis(a, x.length)) : x.map((_, i) => i);
    if (pads === undefined || axes === undefined)
      return [{ dtype: c.dtype(0), shape: x.map(() => c.fresh()) }];
    const shape = [...x];
    for (const [i, axis] of axes.entries()) {
      const size = x[axis] as number | string;
      const total = (pads[i] ?? 0) + (pads[axes.length + i] ?? 0);
      if (total !== 0) shape[axis] = typeof size === 'number' ? size + total : c.fresh();
    }
    return [{ dtype: c.dtype(0), shape }];
  },
});
