import type { Dim, Shape } from './graph.ts';
import { intAttribute, intsAttribute } from './graph.ts';
import type { InferContext, OpDefinition } from './op.ts';
import { defineOp, normalizeAxis } from './op.ts';

/** A reduction over the axes of input 1 (an attribute below opset 18), all of them where none are named. */
export function reduction(op: string): OpDefinition {
  return defineOp({
    op,
    inputs: [1, 2],
    infer: (c) => [{ dtype: c.dtype(0), shape: reducedShape(c) }],
  });
}

function reducedShape(c: InferContext): Shape | undefined {
  const keep = intAttribute(c.node, 'keepdims', 1) === 1;
  const shape = c.shape(0);
  const given = (c.node.inputs[1] ?? '') !== '';
  const named = given ? c.ints(1) : (intsAttribute(c.node, 'axes') ?? []);
  if (shape === undefined) return !keep && named?.length === 0 ? [] : undefined;
  if (named === undefined) return keep ? shape.map(() => c.fresh()) : undefined;
  if (named.length === 0 && intAttribute(c.node, 'noop_with_empty_axes', 0) === 1) return shape;
  const axes = new Set(named.map((a) => normalizeAxis(a, shape.length)));
  const reduced = (i: number): boolean => axes.size === 0 || axes.has(i);
  const out: Dim[] = [];
  for (const [i, d] of shape.entries()) {
    if (!reduced(i)) out.push(d);
    else if (keep) out.push(1);
  }
  return out;
}
