import { divideDims } from './dims.ts';
import type { Dim, Shape } from './graph.ts';
import type { InferContext } from './op.ts';

/** The shape of input i with an axis of heads; undefined where it cannot be known. */
export function headed(c: InferContext, i: number, heads: number): Shape | undefined {
  const shape = c.shape(i);
  if (shape === undefined || shape.length === 4) return shape;
  const [batch, length, width] = shape as [Dim, Dim, Dim];
  return [batch, heads, length, divideDims(width, heads) ?? c.fresh()];
}

/** With the cached ones, input i, in front. */
export function joined(c: InferContext, i: number, shape: Shape | undefined): Shape | undefined {
  if ((c.node.inputs[i] ?? '') === '' || shape === undefined) return shape;
  const [past, length] = [c.shape(i)?.[2], shape[2]];
  return shape.with(2, typeof past === 'number' && typeof length === 'number' ? past + length : c.fresh());
}
