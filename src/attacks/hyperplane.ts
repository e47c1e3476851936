import type { Norm } from '../tensor/index.ts';

/**
 * The smallest change d, in a norm, that brings a point of the box [0,1] onto the hyperplane w·(x + d) = w·x + gap without
 * leaving the box (Croce and Hein 2019, arXiv:1907.02044, eq. 5): each entry moves the way that w says, as far as it can.
 * Where the box does not reach the hyperplane, the corner of the box that is nearest to it.
 * @param out d, of the point's size
 */
export function ontoHyperplane(
  x: Float32Array,
  w: Float32Array,
  gap: number,
  norm: Norm,
  out: Float32Array,
): void {
  const towards = Math.sign(gap);
  const size = x.length;
  /** What an entry may move, and how much closer each unit of its measure comes. */
  const room = new Float64Array(size);
  const gain = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const rising = towards * (w[i] as number) > 0;
    gain[i] = Math.abs(w[i] as number);
    room[i] = gain[i] === 0 ? 0 : rising ? 1 - (x[i] as number) : (x[i] as number);
  }
  const moved = sizes(gain, room, Math.abs(gap), norm);
  for (let i = 0; i < size; i++) out[i] = towards * Math.sign(w[i] as number) * (moved[i] as number);
}

/** How far each entry moves, at least 0. */
function sizes(gain: Float64Array, room: Float64Array, gap: number, norm: Norm): Float64Array {
  return norm === 'l1' ? greedy(gain, room, gap) : evenly(gain, room, gap, norm === 'l2');
}

/** l1: those that gain most go first, to their ends. */
function greedy(gain: Float64Array, room: Float64Array, gap: number): Float64Array {
  const moved = new Float64Array(gain.length);
  const order = Uint32Array.from(gain.keys()).toSorted((a, b) => (gain[b] as number) - (gain[a] as number));
  let left = gap;
  for (const i of order) {
    const each = gain[i] as number;
    if (left <= 0 || each === 0) break;
    const size = Math.min(room[i] as number, left / each);
    moved[i] = size;
    left -= size * each;
  }
  return moved;
}

/**
 * An entry moves t, in l2 t times its gain, or to its end. What is gained is concave in t, so that Newton's steps from 0
 * never go too far; each ends with more entries at their ends, or at the solution.
 */
function evenly(gain: Float64Array, room: Float64Array, gap: number, byGain: boolean): Float64Array {
  const moved = new Float64Array(gain.length);
  let t = 0;
  for (let left = gap; left > 0; ) {
    let slope = 0;
    for (let i = 0; i < gain.length; i++)
      if ((moved[i] as number) < (room[i] as number))
        slope += byGain ? (gain[i] as number) ** 2 : (gain[i] as number);
    const next = t + left / slope;
    if (!(next > t && Number.isFinite(next))) break;
    t = next;
    left = gap;
    for (let i = 0; i < gain.length; i++) {
      const each = gain[i] as number;
      const size = Math.min(room[i] as number, byGain ? t * each : t);
      moved[i] = each === 0 ? 0 : size;
      left -= each * (moved[i] as number);
    }
    if (left < 1e-9 * gap) break;
  }
  return moved;
}
