import type { GraphBuilder, Windows } from '../../onnx/index.ts';
import { fromPhases } from '../composed.ts';
import {
  addInto,
  below,
  extents,
  fromInput,
  handOut,
  type Place,
  phaseLength,
  places,
  same,
  toInput,
} from './places.ts';
import { pick, readsOutside } from './shift.ts';

/** Whether {@link separateMaxima} is right, and less work than place by place. @param gated as there */
export function canSeparate(b: GraphBuilder, x: string, y: string, w: Windows, gated: boolean): boolean {
  const of = extents(b, x, y);
  const reaches = ([0, 1] as const).some((axis) =>
    places(w, axis).some((p) => readsOutside(fromInput(w, axis, p, of))),
  );
  return w.kernel.every((k) => k >= 3) && (gated || !reaches);
}

/**
 * MaxPool as a pool along rows and one along columns: `dy` goes to the first row of each window that holds the
 * maximum, then to its first pixel that does, which is the first in row-major order. For 3 x 3 windows with a stride
 * of 2 that takes 6 comparisons of the size of the output, where place by place there are 8. Nothing may read outside
 * the input, unless dy is zero wherever y is not above zero.
 */
export function separateMaxima(b: GraphBuilder, x: string, y: string, dy: string, w: Windows): string {
  const of = extents(b, x, y);
  const { sizes, counts } = of;
  const [sy, sx] = w.strides as [number, number];
  const [rows, columns] = [places(w, 0), places(w, 1)];
  const reach = (counts[1] - 1) * sx + (w.kernel[1] as number) - (w.begin[1] as number) - sizes[1];
  const inRow = b.op('MaxPool', [x], {
    kernel_shape: [1, w.kernel[1] as number],
    strides: [1, sx],
    pads: [0, w.begin[1] as number, 0, Math.max(0, reach)],
  });
  const ofRows = new Map<number, string>();
  const losing = (i: number): string => {
    const from = fromInput(w, 0, rows[i] as Place, of);
    return below(b, pick(b, inRow, from, same(counts[1]), -1), y);
  };
  for (const [i, share] of handOut(b, dy, rows.length, losing, counts).entries()) {
    const row = rows[i] as Place;
    addInto(b, ofRows, row.residue, share, [toInput(w, 0, row, of), same(counts[1])]);
  }
  const height = phaseLength(w, 0, 0, sizes[0]);
  const parts = Array.from({ length: sy }, (_, residue) => {
    const left = ofRows.get(residue);
    if (left === undefined) return Array.from({ length: sx }, () => undefined);
    const mine = { offset: residue, stride: sy, inputs: sizes[0], outputs: height };
    const maxima = sy === 1 ? inRow : pick(b, inRow, mine, same(counts[1]), 1);
    const lower = (i: number): string => {
      const from = fromInput(w, 1, columns[i] as Place, of);
      return below(b, pick(b, x, mine, from, -1), maxima);
    };
    const sums = new Map<number, string>();
    for (const [i, share] of handOut(b, left, columns.length, lower, [height, counts[1]]).entries()) {
      const column = columns[i] as Place;
      addInto(b, sums, column.residue, share, [same(height), toInput(w, 1, column, of)]);
    }
    return Array.from({ length: sx }, (__, c) => sums.get(c));
  });
  // Beyond the end of the input nothing is a maximum.
  return fromPhases(b, { parts, sizes, clean: true });
}
