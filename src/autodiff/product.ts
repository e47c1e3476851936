import type { GraphBuilder } from '../onnx/index.ts';
import { shapeKnown } from './indexing.ts';

/** `x` with its last two axes swapped. */
export function swapLast(b: GraphBuilder, x: string): string {
  const rank = shapeKnown(b, x).length;
  const perm = Array.from({ length: rank }, (_, i) => i);
  return b.op('Transpose', [x], { perm: [...perm.slice(0, -2), rank - 1, rank - 2] });
}
