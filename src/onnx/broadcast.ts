import type { DType } from '../tensor/index.ts';
import { broadcastShapes } from './dims.ts';
import type { Dim, Shape } from './graph.ts';
import type { InferContext, OpDefinition } from './op.ts';
import { defineOp } from './op.ts';

/**
 * An elementwise operator of several broadcast inputs.
 * @param result element type of the output: that of input 0 unless given
 * @param integers how the operator computes on symbolic integers, for shapes computed in the graph
 */
export function elementwise(
  op: string,
  inputs: readonly [number, number],
  options: {
    result?: DType;
    typeFrom?: number;
    integers?: (a: Dim, b: Dim) => Dim | undefined;
    domain?: string;
  } = {},
): OpDefinition {
  const definition: Parameters<typeof defineOp>[0] = {
    op,
    domain: options.domain ?? '',
    inputs,
    infer: (c) => [{ dtype: options.result ?? c.dtype(options.typeFrom ?? 0), shape: broadcastAll(c) }],
  };
  const { integers } = options;
  if (integers === undefined) return defineOp(definition);
  return defineOp({
    ...definition,
    contents: (c) => {
      const x = c.contents(0);
      const y = c.contents(1);
      if (x === undefined || y === undefined) return undefined;
      const size = Math.max(x.length, y.length);
      if (![1, size].includes(x.length) || ![1, size].includes(y.length)) return undefined;
      const out: Dim[] = [];
      for (let i = 0; i < size; i++) {
        const d = integers(x[x.length === 1 ? 0 : i] as Dim, y[y.length === 1 ? 0 : i] as Dim);
        if (d === undefined) return undefined;
        out.push(d);
      }
      return out;
    },
  });
}

function broadcastAll(c: InferContext): Shape | undefined {
  let shape: Shape | undefined = [];
  for (let i = 0; i < c.node.inputs.length; i++) {
    if (c.node.inputs[i] === '') continue;
    const next = c.shape(i);
    if (next === undefined || shape === undefined) return undefined;
    const joined: Shape | undefined = broadcastShapes(shape, next);
    if (joined === undefined) {
      if (shape.every((d) => typeof d === 'number') && next.every((d) => typeof d === 'number'))
        throw new Error(`shapes [${shape.join(', ')}] and [${next.join(', ')}] do not broadcast`);
      return shape.length === next.length ? shape.map((d, j) => (d === next[j] ? d : c.fresh())) : undefined;
    }
    shape = joined;
  }
  return shape;
}
