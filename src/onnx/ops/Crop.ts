import type { Dim } from '../graph.ts';
import { intsAttribute } from '../graph.ts';
import { defineOp } from '../op.ts';

/** Images without borders [left, top, right, bottom], or of a size [height, width] from there on; up to opset 9. */
export const crop = defineOp({
  op: 'Crop',
  inputs: [1, 1],
  attributes: { scale: 'ints' },
  infer: (c) => {
    const shape = c.shape(0);
    const [left = 0, top = 0, right = 0, bottom = 0] = intsAttribute(c.node, 'border') ?? [];
    const size = intsAttribute(c.node, 'scale');
    const less = (d: Dim | undefined, by: number): Dim => (typeof d === 'number' ? d - by : c.fresh());
    const cut = size ?? [less(shape?.[2], top + bottom), less(shape?.[3], left + right)];
    return [{ dtype: c.dtype(0), shape: shape?.length === 4 ? [...shape.slice(0, 2), ...cut] : undefined }];
  },
});
