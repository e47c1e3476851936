import { describe, test } from 'vitest';
import { tensor } from '../src/tensor/index.ts';
import { agrees, filled } from './agrees.ts';

/** Coordinates in and beyond [-1, 1], away from the kinks between pixels by more than the steps of differences. */
function grid(shape: readonly number[], sizes: readonly number[], alignCorners: boolean): number[] {
  const rank = sizes.length;
  return Array.from(filled(shape, 3, 1.6).data, (v, i) => {
    const size = sizes[rank - 1 - (i % rank)] as number;
    const step = alignCorners ? (size - 1) / 2 : size / 2;
    const at = v * step + (size - 1) / 2;
    // Kinks lie at whole and, at reflecting edges, at half positions.
    const safe = Math.floor(at * 2) / 2 + 0.1 + 0.3 * (at * 2 - Math.floor(at * 2));
    return (safe - (size - 1) / 2) / step;
  });
}

describe.for(['linear', 'nearest'])('GridSample in three dimensions, mode %s', (mode) => {
  describe.for(['zeros', 'border', 'reflection'])('padding %s', (padding) => {
    test.for([0, 1])('align_corners %i', async (corners) => {
      const attributes = { mode, padding_mode: padding, align_corners: corners };
      const sizes = [3, 4, 5];
      const shape = [2, 3, 2, 4, 3];
      const places = grid(shape, sizes, corners === 1);
      await agrees({ shape: [2, 2, ...sizes], opset: 20 }, (b, x) =>
        b.op('GridSample', [x, b.constant(tensor(Float32Array.from(places), shape))], attributes),
      );
      if (mode === 'nearest') return;
      // Image and grid from one input: the grid moves by a small part of it.
      await agrees({ shape: [2, 72], opset: 20, step: 2e-3, second: true }, (b, x) => {
        const moved = b.op('Mul', [b.op('Reshape', [x, b.ints(shape)]), b.scalar(0.02)]);
        const at = b.op('Add', [b.constant(tensor(Float32Array.from(places), shape)), moved]);
        const image = b.op('MatMul', [x, b.constant(filled([72, 120], 5, 0.3))]);
        return b.op('GridSample', [b.op('Reshape', [image, b.ints([2, 2, ...sizes])]), at], attributes);
      });
    });
  });
});
