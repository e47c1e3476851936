import type { GraphBuilder } from '../../onnx/index.ts';
import { mul } from '../emit.ts';

// y = (Σ|x|^p)^(1/p): dy/dx = sign(x)·|x|^(p−1) · y^(1−p), the second factor common to a window.

/** sign(x)·|x|^(p−1). */
export function ownFactor(b: GraphBuilder, x: string, p: number): string {
  if (p === 2) return x;
  const sign = b.op('Sign', [x]);
  return p === 1 ? sign : mul(b, sign, power(b, b.op('Abs', [x]), p - 1));
}

/** dy·y^(1−p), zero where the norm is. */
export function normFactor(b: GraphBuilder, dy: string, y: string, p: number): string {
  if (p === 1) return dy;
  const zero = b.scalar(0, b.dtype(y));
  const safe = b.op('Where', [b.op('Greater', [y, zero]), y, b.scalar(1, b.dtype(y))]);
  return b.op('Where', [b.op('Greater', [y, zero]), mul(b, dy, power(b, safe, 1 - p)), zero]);
}

function power(b: GraphBuilder, x: string, exponent: number): string {
  return exponent === 1 ? x : b.op('Pow', [x, b.scalar(exponent, b.dtype(x))]);
}
