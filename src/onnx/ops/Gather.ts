import { concrete } from '../dims.ts';
import type { Dim } from '../graph.ts';
import { intAttribute } from '../graph.ts';
import { defineOp, normalizeAxis } from '../op.ts';

export const gather = defineOp({
  op: 'Gather',
  inputs: [2, 2],
  infer: (c) => {
    const dtype = c.dtype(0);
    const data = c.shape(0);
    const indices = c.shape(1);
    if (data === undefined || indices === undefined) return [{ dtype, shape: undefined }];
    const axis = normalizeAxis(intAttribute(c.node, 'axis', 0), data.length);
    const size = data[axis];
    const wrong = typeof size === 'number' ? c.ints(1)?.find((i) => i < -size || i >= size) : undefined;
    if (wrong !== undefined) throw new Error(`index ${wrong} is outside axis ${axis} of size ${size}`);
    return [{ dtype, shape: [...data.slice(0, axis), ...indices, ...data.slice(axis + 1)] }];
  },
  contents: (c) => {
    const data = c.contents(0);
    const indices = c.ints(1);
    if (data === undefined || indices === undefined || concrete(c.shape(0))?.length !== 1) return undefined;
    return indices.map((i) => data.at(i) as Dim);
  },
});
