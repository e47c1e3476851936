import type { GraphBuilder, Windows } from '../../onnx/index.ts';
import { float, windowSpan } from '../../onnx/index.ts';
import { fromPhases } from '../composed.ts';
import { add, mul } from '../emit.ts';
import type { Pick } from './shift.ts';
import { isIdentity, pick, readsOutside, tapsOf } from './shift.ts';

/** Above every difference of float32 activations, below infinity. */
const far = 1e30;
/** Slope that makes HardSigmoid a step: exact for differences above 3.4e-39. */
const steep = 3e38;

/** Offset a of a window along one axis: its elements are phase `residue`, read from index i + `offset`. */
interface Place {
  readonly residue: number;
  readonly offset: number;
}

/** Whether the windows are small and simple enough for {@link compareMaxima}. */
export function canCompare(b: GraphBuilder, x: string, y: string, w: Windows): boolean {
  const channels = b.shape(x)?.[1];
  if (w.kernel.length !== 2 || b.dtype(x) !== 'float32') return false;
  // Other numbers of channels do not enter the blocked layout, in which these operators are cheap.
  if (typeof channels !== 'number' || channels % 16 !== 0) return false;
  const small = w.kernel.every((k) => k <= 3) && w.strides.every((s) => s <= 2);
  if (!small || w.dilations.some((d) => d !== 1)) return false;
  const { sizes, counts } = extents(b, x, y);
  return [0, 1].every((axis) => {
    // Where a window is dropped, the runtime's shape inference and its kernel disagree on the size.
    const room =
      (sizes[axis] as number) + (w.begin[axis] as number) + (w.end[axis] as number) - windowSpan(w, axis);
    if (w.ceil && Math.ceil(room / (w.strides[axis] as number)) + 1 !== counts[axis]) return false;
    return places(w, axis).every((p) => tapsOf(toWindow(w, axis, p, sizes, counts)) <= 4);
  });
}

/**
 * MaxPool with small windows, exact for ties: goes through the places of a window in order and hands the gradient to
 * the first that holds the maximum. All at the size of the output, on the input's phases, in operators of the
 * runtime's blocked layout; faster than finding and scattering indices.
 * @param gated whether dy is zero wherever y is not above zero: then padding may read as 0
 */
export function compareMaxima(
  b: GraphBuilder,
  x: string,
  y: string,
  dy: string,
  w: Windows,
  gated = false,
): string {
  const { sizes, counts } = extents(b, x, y);
  const [sy, sx] = w.strides as [number, number];
  const [rows, columns] = [places(w, 0), places(w, 1)];
  const phases = new Map<string, string>();
  const negated = (r: Place, c: Place): string => {
    const key = `${r.residue},${c.residue}`;
    const known = phases.get(key);
    if (known !== undefined) return known;
    const made = pick(b, x, toPhase(w, 0, r, sizes), toPhase(w, 1, c, sizes), -1);
    phases.set(key, made);
    return made;
  };
  const sums = new Map<string, string>();
  let left = dy;
  for (const [i, r] of rows.entries())
    for (const [j, c] of columns.entries()) {
      const last = i === rows.length - 1 && j === columns.length - 1;
      let share = left;
      if (!last) {
        // A phase that only one place reads is not made: the place reads the input with a stride.
        const shared = isShared(rows, r) || isShared(columns, c);
        const source = shared ? negated(r, c) : x;
        const window = shared
          ? ([toWindow(w, 0, r, sizes, counts), toWindow(w, 1, c, sizes, counts)] as const)
          : ([fromInput(w, 0, r, sizes, counts), fromInput(w, 1, c, sizes, counts)] as const);
        const maxima = gated ? y : outsideLoses(b, y, source, window);
        // 1 where this place is below the maximum, 0 where it is the maximum.
        const below = b.op('HardSigmoid', [add(b, pick(b, source, ...window, shared ? 1 : -1), maxima)], {
          alpha: float(steep),
          beta: float(0),
        });
        const rest = mul(b, left, below);
        share = add(b, pick(b, rest, same(counts[0]), same(counts[1]), -1), left);
        left = rest;
      }
      addInto(b, sums, w, r, c, share, { sizes, counts });
    }
  const parts = Array.from({ length: sy }, (_, r) =>
    Array.from({ length: sx }, (_, c) => sums.get(`${r},${c}`)),
  );
  // Beyond the end of the input nothing is a maximum.
  return fromPhases(b, { parts, sizes, clean: true });
}

interface Extents {
  readonly sizes: readonly [number, number];
  readonly counts: readonly [number, number];
}

function extents(b: GraphBuilder, x: string, y: string): Extents {
  return {
    sizes: b.shape(x)?.slice(2) as unknown as [number, number],
    counts: b.shape(y)?.slice(2) as unknown as [number, number],
  };
}

function places(w: Windows, axis: number): Place[] {
  const stride = w.strides[axis] as number;
  return Array.from({ length: w.kernel[axis] as number }, (_, a) => {
    const from = a - (w.begin[axis] as number);
    const offset = Math.floor(from / stride);
    return { residue: from - offset * stride, offset };
  });
}

function same(size: number): Pick {
  return { offset: 0, stride: 1, inputs: size, outputs: size };
}

/** How many elements of the input a phase holds. */
function phaseLength(w: Windows, axis: number, residue: number, size: number): number {
  return Math.ceil((size - residue) / (w.strides[axis] as number));
}

function toPhase(w: Windows, axis: 0 | 1, p: Place, sizes: Extents['sizes']): Pick {
  const outputs = phaseLength(w, axis, p.residue, sizes[axis]);
  return { offset: p.residue, stride: w.strides[axis] as number, inputs: sizes[axis], outputs };
}

function toWindow(
  w: Windows,
  axis: number,
  p: Place,
  sizes: Extents['sizes'],
  counts: Extents['counts'],
): Pick {
  const inputs = phaseLength(w, axis, p.residue, sizes[axis] as number);
  return { offset: p.offset, stride: 1, inputs, outputs: counts[axis] as number };
}

function fromInput(
  w: Windows,
  axis: number,
  p: Place,
  sizes: Extents['sizes'],
  counts: Extents['counts'],
): Pick {
  const stride = w.strides[axis] as number;
  const inputs = sizes[axis] as number;
  return { offset: p.offset * stride + p.residue, stride, inputs, outputs: counts[axis] as number };
}

function isShared(places: readonly Place[], place: Place): boolean {
  return places.some((p) => p !== place && p.residue === place.residue);
}

/** `y`, raised where the place lies in the padding, so that what is read there is below the maximum. */
function outsideLoses(b: GraphBuilder, y: string, phase: string, window: readonly [Pick, Pick]): string {
  if (!window.some(readsOutside)) return y;
  const ones = b.op('HardSigmoid', [phase], { alpha: float(0), beta: float(1) });
  const outside = b.op('HardSigmoid', [pick(b, ones, ...window, -1, 1)], { alpha: float(1), beta: float(0) });
  const [rows, columns] = window;
  return add(b, pick(b, outside, same(rows.outputs), same(columns.outputs), far), y);
}

function addInto(
  b: GraphBuilder,
  sums: Map<string, string>,
  w: Windows,
  r: Place,
  c: Place,
  share: string,
  { sizes, counts }: Extents,
): void {
  const back = (axis: 0 | 1, p: Place): Pick => ({
    offset: -p.offset,
    stride: 1,
    inputs: counts[axis],
    outputs: phaseLength(w, axis, 0, sizes[axis]),
  });
  const [rows, columns] = [back(0, r), back(1, c)];
  const key = `${r.residue},${c.residue}`;
  const before = sums.get(key);
  const moved = isIdentity(rows) && isIdentity(columns) ? share : pick(b, share, rows, columns, 1);
  sums.set(key, before === undefined ? moved : add(b, before, moved));
}
