import type { GraphBuilder } from '../onnx/index.ts';
import { add, mul, neg, scale, sub } from './emit.ts';

/** Derivative of x Φ(x), the exact Gelu: Φ(x) + x φ(x). */
export function geluSlope(b: GraphBuilder, x: string): string {
  const dtype = b.dtype(x);
  const erf = b.op('Erf', [scale(b, x, Math.SQRT1_2)]);
  const cumulative = scale(b, add(b, erf, b.scalar(1, dtype)), 0.5);
  const density = scale(b, b.op('Exp', [scale(b, neg(b, mul(b, x, x)), 0.5)]), 1 / Math.sqrt(2 * Math.PI));
  return add(b, cumulative, mul(b, x, density));
}

/** Derivative of x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))), Gelu by the tangent. */
export function tanhGeluSlope(b: GraphBuilder, x: string): string {
  const one = b.scalar(1, b.dtype(x));
  const root = Math.sqrt(2 / Math.PI);
  const square = mul(b, x, x);
  const inner = scale(b, mul(b, x, add(b, one, scale(b, square, 0.044715))), root);
  const t = b.op('Tanh', [inner]);
  const innerSlope = scale(b, add(b, one, scale(b, square, 3 * 0.044715)), root);
  const bend = mul(b, mul(b, x, sub(b, one, mul(b, t, t))), innerSlope);
  return scale(b, add(b, add(b, one, t), bend), 0.5);
}

/** Derivative of x σ(αx): s + αx s (1 − s). */
export function swishSlope(b: GraphBuilder, x: string, alpha: number): string {
  const scaled = scale(b, x, alpha);
  const s = b.op('Sigmoid', [scaled]);
  const rest = sub(b, b.scalar(1, b.dtype(x)), s);
  return mul(b, s, add(b, b.scalar(1, b.dtype(x)), mul(b, scaled, rest)));
}
