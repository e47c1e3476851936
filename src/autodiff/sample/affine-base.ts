import type { Tensor } from '../../tensor/index.ts';
import { sizeOf, tensor } from '../../tensor/index.ts';

/** Homogeneous coordinates of every position of a grid, [positions, r + 1]: the last axis first, then 1. */
export function affineBase(sizes: readonly number[], alignCorners: boolean): Tensor {
  const rank = sizes.length;
  const count = sizeOf(sizes);
  const data = new Float32Array(count * (rank + 1));
  for (let p = 0; p < count; p++) {
    let rest = p;
    for (let k = 0; k < rank; k++) {
      const size = sizes[rank - 1 - k] as number;
      data[p * (rank + 1) + k] = coordinate(rest % size, size, alignCorners);
      rest = Math.floor(rest / size);
    }
    data[p * (rank + 1) + rank] = 1;
  }
  return tensor(data, [count, rank + 1]);
}

/** From -1 to 1: at the centres of the outermost pixels, or at their outer edges. */
function coordinate(i: number, size: number, alignCorners: boolean): number {
  if (alignCorners) return size === 1 ? 0 : (2 * i) / (size - 1) - 1;
  return (2 * i + 1) / size - 1;
}
