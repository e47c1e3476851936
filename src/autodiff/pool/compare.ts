import type { GraphBuilder, Windows } from '../../onnx/index.ts';
import { float, windowSpan } from '../../onnx/index.ts';
import { fromPhases } from '../composed.ts';
import { add } from '../emit.ts';
import type { Place } from './places.ts';
import {
  addInto,
  below,
  extents,
  fromInput,
  handOut,
  isShared,
  places,
  same,
  toInput,
  toPhase,
  toWindow,
} from './places.ts';
import { canSeparate, separateMaxima } from './separate.ts';
import type { Pick } from './shift.ts';
import { pick, readsOutside, tapsOf } from './shift.ts';

/** Above every difference of float32 activations, below infinity. */
const far = 1e30;

/** Whether the windows are small and simple enough for {@link compareMaxima}. */
export function canCompare(b: GraphBuilder, x: string, y: string, w: Windows): boolean {
  const channels = b.shape(x)?.[1];
  if (w.kernel.length !== 2 || b.dtype(x) !== 'float32') return false;
  // Other numbers of channels do not enter the blocked layout, in which these operators are cheap.
  if (typeof channels !== 'number' || channels % 16 !== 0) return false;
  const small = w.kernel.every((k) => k <= 3) && w.strides.every((s) => s <= 2);
  if (!small || w.dilations.some((d) => d !== 1)) return false;
  const of = extents(b, x, y);
  const { sizes, counts } = of;
  return ([0, 1] as const).every((axis) => {
    // Where a window is dropped, the runtime's shape inference and its kernel disagree on the size.
    const room = sizes[axis] + (w.begin[axis] as number) + (w.end[axis] as number) - windowSpan(w, axis);
    if (w.ceil && Math.ceil(room / (w.strides[axis] as number)) + 1 !== counts[axis]) return false;
    return places(w, axis).every((p) => tapsOf(toWindow(w, axis, p, of)) <= 4);
  });
}

/**
 * MaxPool with small windows, exact for ties: the gradient goes to the first place of a window, in row-major order,
 * that holds the maximum. In operators of the runtime's blocked layout; faster than finding and scattering indices.
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
  return canSeparate(b, x, y, w, gated)
    ? separateMaxima(b, x, y, dy, w)
    : compareByPlace(b, x, y, dy, w, gated);
}

/**
 * {@link compareMaxima} place by place, at the size of the output, on the input's phases: where places are few, or read
 * the padding.
 */
export function compareByPlace(
  b: GraphBuilder,
  x: string,
  y: string,
  dy: string,
  w: Windows,
  gated = false,
): string {
  const of = extents(b, x, y);
  const [sy, sx] = w.strides as [number, number];
  const [rows, columns] = [places(w, 0), places(w, 1)];
  const phases = new Map<string, string>();
  const negated = (r: Place, c: Place): string => {
    const key = `${r.residue},${c.residue}`;
    const known = phases.get(key);
    if (known !== undefined) return known;
    const made = pick(b, x, toPhase(w, 0, r, of), toPhase(w, 1, c, of), -1);
    phases.set(key, made);
    return made;
  };
  const all = rows.flatMap((r) => columns.map((c) => [r, c] as const));
  const isBelow = (i: number): string => {
    const [r, c] = all[i] as readonly [Place, Place];
    // A phase that only one place reads is not made: the place reads the input with a stride.
    const shared = isShared(rows, r) || isShared(columns, c);
    const source = shared ? negated(r, c) : x;
    const window = shared
      ? ([toWindow(w, 0, r, of), toWindow(w, 1, c, of)] as const)
      : ([fromInput(w, 0, r, of), fromInput(w, 1, c, of)] as const);
    const maxima = gated ? y : outsideLoses(b, y, source, window);
    return below(b, pick(b, source, ...window, shared ? 1 : -1), maxima);
  };
  const sums = new Map<string, string>();
  for (const [i, share] of handOut(b, dy, all.length, isBelow, of.counts).entries()) {
    const [r, c] = all[i] as readonly [Place, Place];
    addInto(b, sums, `${r.residue},${c.residue}`, share, [toInput(w, 0, r, of), toInput(w, 1, c, of)]);
  }
  const parts = Array.from({ length: sy }, (_, r) =>
    Array.from({ length: sx }, (_, c) => sums.get(`${r},${c}`)),
  );
  // Beyond the end of the input nothing is a maximum.
  return fromPhases(b, { parts, sizes: of.sizes, clean: true });
}

/** `y`, raised where the place lies in the padding, so that what is read there is below the maximum. */
function outsideLoses(b: GraphBuilder, y: string, phase: string, window: readonly [Pick, Pick]): string {
  if (!window.some(readsOutside)) return y;
  const ones = b.op('HardSigmoid', [phase], { alpha: float(0), beta: float(1) });
  const outside = b.op('HardSigmoid', [pick(b, ones, ...window, -1, 1)], { alpha: float(1), beta: float(0) });
  const [rows, columns] = window;
  return add(b, pick(b, outside, same(rows.outputs), same(columns.outputs), far), y);
}
