import { rowSize, type Tensor } from './tensor.ts';

/** x ← x + factor·y, in place; one factor for all rows, or one for each. Both of one shape. */
export function addScaled(x: Tensor, y: Tensor, factor: number | ArrayLike<number>): void {
  const size = rowSize(x);
  for (let row = 0, i = 0; i < x.data.length; row++) {
    const by = typeof factor === 'number' ? factor : (factor[row] as number);
    for (const end = i + size; i < end; i++) x.data[i] = (x.data[i] as number) + by * (y.data[i] as number);
  }
}

/** Euclidean norm of each row, in float64. */
export function lengths(x: Tensor): Float64Array {
  const size = rowSize(x);
  return Float64Array.from({ length: x.shape[0] ?? 0 }, (_, row) => {
    let sum = 0;
    for (let i = row * size; i < (row + 1) * size; i++) sum += (x.data[i] as number) ** 2;
    return Math.sqrt(sum);
  });
}
