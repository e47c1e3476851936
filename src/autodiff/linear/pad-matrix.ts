import type { AxisMatrix } from './axis-matrix.ts';
import { addWeight, emptyMatrix } from './axis-matrix.ts';

/** Where each element of a padded axis comes from. */
export function padMatrix(
  mode: 'reflect' | 'edge' | 'wrap',
  size: number,
  before: number,
  after: number,
): AxisMatrix {
  const matrix = emptyMatrix(size + before + after, size);
  for (let i = 0; i < matrix.outputs; i++) addWeight(matrix, i, source(mode, i - before, size), 1);
  return matrix;
}

function source(mode: 'reflect' | 'edge' | 'wrap', at: number, size: number): number {
  if (mode === 'edge' || size === 1) return Math.min(Math.max(at, 0), size - 1);
  if (mode === 'wrap') return ((at % size) + size) % size;
  const period = 2 * (size - 1);
  const folded = ((at % period) + period) % period;
  return folded < size ? folded : period - folded;
}
