import type { GraphBuilder } from '../onnx/index.ts';
import { add, div, mean, mul, sub } from './emit.ts';

/** x with its mean over `axes` removed (unless `centred` is false) and divided by its size √(mean square + ε). */
export interface Standardised {
  readonly value: string;
  /** 1 / √(mean square + ε). */
  readonly inverse: string;
  readonly axes: readonly number[];
  readonly centred: boolean;
}

export function standardise(
  b: GraphBuilder,
  x: string,
  axes: readonly number[],
  epsilon: number,
  centred = true,
): Standardised {
  const rest = centred ? sub(b, x, mean(b, x, axes)) : x;
  const power = add(b, mean(b, mul(b, rest, rest), axes), b.scalar(epsilon, b.dtype(x)));
  const inverse = div(b, b.scalar(1, b.dtype(x)), b.op('Sqrt', [power]));
  return { value: mul(b, rest, inverse), inverse, axes, centred };
}

/** Gradient of x from the gradient `g` of the standardised value v: (g − mean(g) − v mean(g v)) / size. */
export function standardiseBackward(b: GraphBuilder, g: string, s: Standardised): string {
  const { value, inverse, axes } = s;
  const centre = s.centred ? sub(b, g, mean(b, g, axes)) : g;
  return mul(b, inverse, sub(b, centre, mul(b, value, mean(b, mul(b, g, value), axes))));
}

/** Whole numbers from `from` to `to`, without `to`. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}
