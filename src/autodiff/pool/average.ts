import type { GraphBuilder, Node, Windows } from '../../onnx/index.ts';
import { sizeOf } from '../../tensor/index.ts';
import { scale } from '../emit.ts';
import { adjoint } from '../linear/axis-matrix.ts';
import { poolMatrix } from '../linear/pool-matrix.ts';
import { enlarge } from './enlarge.ts';

/** Gradient of AveragePool: an enlargement where windows tile the input, else the adjoint along each axis. */
export function averageBackward(
  b: GraphBuilder,
  node: Node,
  dy: string,
  w: Windows,
  sizes: readonly number[],
  padded: boolean,
): string {
  const tiles = w.kernel.every(
    (k, i) =>
      k === w.strides[i] &&
      (w.dilations[i] === 1 || k === 1) &&
      w.begin[i] === 0 &&
      w.end[i] === 0 &&
      (sizes[i] as number) % k === 0,
  );
  if (tiles && b.dtype(dy) === 'float32' && w.kernel.length === 2) {
    return enlarge(b, scale(b, dy, 1 / sizeOf(w.kernel)), w.kernel);
  }
  const divide = padded ? 'padded' : 'valid';
  return adjoint(b, node, dy, new Map(sizes.map((size, i) => [i + 2, poolMatrix(w, i, size, divide)])));
}
