import type { GraphBuilder, Windows } from '../../onnx/index.ts';
import { float } from '../../onnx/index.ts';
import { add, mul } from '../emit.ts';
import type { Pick } from './shift.ts';
import { isIdentity, pick } from './shift.ts';

// What the formulations that compare with the maximum, place by place, have in common.

/** Slope that makes HardSigmoid a step: exact for differences above 3.4e-39. */
const steep = 3e38;

/** Offset a of a window along one axis: its elements are phase `residue`, read from index i + `offset`. */
export interface Place {
  readonly residue: number;
  readonly offset: number;
}

/** Spatial sizes of a pool's input and output. */
export interface Extents {
  readonly sizes: readonly [number, number];
  readonly counts: readonly [number, number];
}

export function extents(b: GraphBuilder, x: string, y: string): Extents {
  return {
    sizes: b.shape(x)?.slice(2) as unknown as [number, number],
    counts: b.shape(y)?.slice(2) as unknown as [number, number],
  };
}

export function places(w: Windows, axis: number): Place[] {
  const stride = w.strides[axis] as number;
  return Array.from({ length: w.kernel[axis] as number }, (_, a) => {
    const from = a - (w.begin[axis] as number);
    const offset = Math.floor(from / stride);
    return { residue: from - offset * stride, offset };
  });
}

export function same(size: number): Pick {
  return { offset: 0, stride: 1, inputs: size, outputs: size };
}

/** How many elements of the input a phase holds. */
export function phaseLength(w: Windows, axis: number, residue: number, size: number): number {
  return Math.ceil((size - residue) / (w.strides[axis] as number));
}

/** A whole phase, of the input's elements. */
export function toPhase(w: Windows, axis: 0 | 1, p: Place, { sizes }: Extents): Pick {
  const outputs = phaseLength(w, axis, p.residue, sizes[axis]);
  return { offset: p.residue, stride: w.strides[axis] as number, inputs: sizes[axis], outputs };
}

/** A place of all windows, from its phase. */
export function toWindow(w: Windows, axis: 0 | 1, p: Place, { sizes, counts }: Extents): Pick {
  const inputs = phaseLength(w, axis, p.residue, sizes[axis]);
  return { offset: p.offset, stride: 1, inputs, outputs: counts[axis] };
}

/** A place of all windows, from the input with a stride. */
export function fromInput(w: Windows, axis: 0 | 1, p: Place, { sizes, counts }: Extents): Pick {
  const stride = w.strides[axis] as number;
  return { offset: p.offset * stride + p.residue, stride, inputs: sizes[axis], outputs: counts[axis] };
}

/** From a place of all windows back to the elements of its phase. */
export function toInput(w: Windows, axis: 0 | 1, p: Place, { sizes, counts }: Extents): Pick {
  const outputs = phaseLength(w, axis, 0, sizes[axis]);
  return { offset: -p.offset, stride: 1, inputs: counts[axis], outputs };
}

export function isShared(places: readonly Place[], place: Place): boolean {
  return places.some((p) => p !== place && p.residue === place.residue);
}

/** 1 where a place is below the maximum, 0 where it is the maximum, from the place's values negated. */
export function below(b: GraphBuilder, negated: string, maximum: string): string {
  return b.op('HardSigmoid', [add(b, negated, maximum)], { alpha: float(steep), beta: float(0) });
}

/**
 * One share of `dy` for each place in order: all of it for the first that is not below the maximum. The last takes
 * what the others leave.
 * @param isBelow the mask {@link below} of a place
 * @param counts spatial sizes of dy
 */
export function handOut(
  b: GraphBuilder,
  dy: string,
  places: number,
  isBelow: (place: number) => string,
  counts: readonly [number, number],
): string[] {
  let left = dy;
  return Array.from({ length: places }, (_, i) => {
    if (i === places - 1) return left;
    const rest = mul(b, left, isBelow(i));
    const share = add(b, pick(b, rest, same(counts[0]), same(counts[1]), -1), left);
    left = rest;
    return share;
  });
}

/** Adds a share, moved to where it belongs in a phase of the input, to what the phase has. */
export function addInto<Key>(
  b: GraphBuilder,
  sums: Map<Key, string>,
  key: Key,
  share: string,
  [rows, columns]: readonly [Pick, Pick],
): void {
  const before = sums.get(key);
  const moved = isIdentity(rows) && isIdentity(columns) ? share : pick(b, share, rows, columns, 1);
  sums.set(key, before === undefined ? moved : add(b, before, moved));
}
