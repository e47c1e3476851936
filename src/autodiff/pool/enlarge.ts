import type { GraphBuilder } from '../../onnx/index.ts';

/**
 * Every element of `x` repeated `factors` times along each spatial axis. By Resize where that keeps the runtime's
 * blocked layout (two axes, float32); elsewhere only from size 1, which broadcasting does.
 */
export function enlarge(b: GraphBuilder, x: string, factors: readonly number[]): string {
  if (factors.every((f) => f === 1) || factors.length !== 2 || b.dtype(x) !== 'float32') return x;
  return b.op('Resize', [x, undefined, b.floats([1, 1, ...factors])], {
    mode: 'nearest',
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
  });
}
