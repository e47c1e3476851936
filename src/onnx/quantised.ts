import type { DType } from '../tensor/index.ts';
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

/** Shape of a pool over images that may have their channels last. */
export function channelsFirst(last: boolean, c: InferContext): InferContext {
  if (!last) return c;
  const order = <T>(s: readonly T[]): T[] => [s[0] as T, s.at(-1) as T, ...s.slice(1, -1)];
  return {
    ...c,
    shape: (i) => {
      const shape = c.shape(i);
      return i === 0 && shape !== undefined ? order(shape) : shape;
    },
  };
}
