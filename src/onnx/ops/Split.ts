import { divideDims } from '../dims.ts';
import type { Dim, Shape } from '../graph.ts';
import { intAttribute } from '../graph.ts';
import type { InferContext } from '../op.ts';
import { defineOp, normalizeAxis } from '../op.ts';
import { integerList } from '../parameters.ts';

export const split = defineOp({
  op: 'Split',
  inputs: [1, 2],
  infer: (c) => {
    const dtype = c.dtype(0);
    const shape = c.shape(0);
    if (shape === undefined) return c.node.outputs.map(() => ({ dtype, shape: undefined }));
    const axis = normalizeAxis(intAttribute(c.node, 'axis', 0), shape.length);
    const parts = sizes(c, shape[axis] as Dim);
    return parts.map((d) => ({ dtype, shape: shape.with(axis, d) }));
  },
  contents: (c) => {
    const whole = c.contents(0);
    const shape: Shape | undefined = c.shape(0);
    if (whole === undefined || shape?.length !== 1) return undefined;
    const first = sizes(c, whole.length)[0];
    return typeof first === 'number' ? whole.slice(0, first) : undefined;
  },
});

function sizes(c: InferContext, size: Dim): Dim[] {
  const count = c.node.outputs.length;
  const given = integerList(c, 1, 'split');
  if (given === undefined) return c.node.outputs.map(() => c.fresh());
  if (given !== 'absent') {
    if (given.length !== count) throw new Error(`${given.length} sizes are given for ${count} outputs`);
    return [...given];
  }
  if (typeof size === 'string') {
    const part = divideDims(size, count);
    return c.node.outputs.map(() => part ?? c.fresh());
  }
  const part = Math.ceil(size / count);
  return c.node.outputs.map((_, i) => Math.max(0, Math.min(part, size - i * part)));
}
