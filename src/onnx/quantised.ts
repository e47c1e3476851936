import type { DType } from '../tensor/index.ts';
import type { Dim, Shape } from './graph.ts';
import { intAttribute } from './graph.ts';
import type { InferContext, OpDefinition } from './op.ts';
import { defineOp } from './op.ts';

/** Type of a quantised output: that of its zero point, input `i`; uint8 where that is left out. */
export function quantisedType(c: InferContext, i: number): DType {
  return c.type(i)?.dtype ?? 'uint8';
}

/** The context as the float operator would see it: its input i is input `places[i]` here. */
export function floatView(c: InferContext, places: readonly number[]): InferContext {
  const at = (i: number): number => places[i] ?? -1;
  return {
    ...c,
    type: (i) => c.type(at(i)),
    shape: (i) => c.shape(at(i)),
    dtype: (i) => c.dtype(at(i)),
    constant: (i) => c.constant(at(i)),
    contents: (i) => c.contents(at(i)),
    ints: (i) => c.ints(at(i)),
  };
}

/** An operator of one quantised tensor [x, scale, zero, scale of y, zero of y] that keeps the shape. */
export function quantisedUnary(op: string): OpDefinition {
  return defineOp({
    op,
    domain: 'com.microsoft',
    inputs: [4, 5],
    infer: (c) => [{ dtype: quantisedType(c, 4), shape: c.shape(0) }],
  });
}

/**
 * Shape of the output of an operator on images that have their channels last.
 * @param infer of the operator on images that have them first
 * @param always else where the attribute `channels_last` says so
 */
export function channelsLast(
  c: InferContext,
  infer: OpDefinition['infer'],
  always = false,
): Shape | undefined {
  if (!always && intAttribute(c.node, 'channels_last', 0) === 0) return infer(c)[0]?.shape;
  const shapeOf = (i: number): Shape | undefined => {
    const shape = c.shape(i);
    return i === 0 && shape !== undefined
      ? [shape[0] as Dim, shape.at(-1) as Dim, ...shape.slice(1, -1)]
      : shape;
  };
  const made = infer({ ...c, shape: shapeOf })[0]?.shape;
  return made && [made[0] as Dim, ...made.slice(2), made[1] as Dim];
}
