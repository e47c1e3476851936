import type { Search } from './constants.ts';

/** Steps whose curvature is remembered. */
const memory = 10;

/** The value at a point, and its gradient written to `gradient`. */
export type ValueAt = (x: Float64Array, gradient: Float64Array) => Search<number>;

/**
 * Brings a value to its lowest within [0,1] by L-BFGS (Nocedal and Wright, Numerical Optimization, algorithm 7.4), entries
 * that press against their end left out of a step (Bertsekas 1982, doi:10.1137/0320018), its length halved until the
 * value falls. It ends where nothing falls any more, in float32's spacing.
 * @param x where it begins; moved
 */
export function* quasiNewton(x: Float64Array, valueAt: ValueAt, steps: number): Search<void> {
  const size = x.length;
  let gradient = new Float64Array(size);
  let value = yield* valueAt(x, gradient);
  const past: { s: Float64Array; y: Float64Array; rho: number }[] = [];
  for (let step = 0; step < steps; step++) {
    const free = gradient.map((g, i) => (pressed(x[i] as number, g) ? 0 : 1));
    const direction = downwards(gradient, free, past);
    let slope = dot(direction, gradient);
    if (!(slope < 0)) {
      past.length = 0;
      direction.set(gradient.map((g, i) => -g * (free[i] as number)));
      slope = dot(direction, gradient);
      if (!(slope < 0)) return;
    }
    // Without curvature the first length is a guess: that of one pixel's range.
    let length = past.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(direction, direction))) : 1;
    const next = new Float64Array(size);
    const there = new Float64Array(size);
    let found = false;
    for (let halving = 0; halving < 20 && !found; halving++, length /= 2) {
      let along = 0;
      for (let i = 0; i < size; i++) {
        next[i] = Math.min(1, Math.max(0, (x[i] as number) + length * (direction[i] as number)));
        along += ((next[i] as number) - (x[i] as number)) * (gradient[i] as number);
      }
      const reached = yield* valueAt(next, there);
      if (reached > value + 1e-4 * along || reached >= value) continue;
      found = true;
      const s = next.map((v, i) => v - (x[i] as number));
      const y = there.map((v, i) => v - (gradient[i] as number));
      const curvature = dot(s, y);
      if (curvature > 1e-10 * dot(y, y)) past.push({ s, y, rho: 1 / curvature });
      if (past.length > memory) past.shift();
      const fell = value - reached;
      value = reached;
      x.set(next);
      gradient = there.slice();
      if (fell <= 1e-7 * Math.max(Math.abs(value), 1e-12)) return;
    }
    if (!found) {
      if (past.length === 0) return;
      past.length = 0;
    }
  }
}

function pressed(x: number, slope: number): boolean {
  return (x <= 0 && slope > 0) || (x >= 1 && slope < 0);
}

/** The two loops over what is remembered, on the free entries. */
function downwards(
  gradient: Float64Array,
  free: Float64Array,
  past: readonly { s: Float64Array; y: Float64Array; rho: number }[],
): Float64Array {
  const q = gradient.map((g, i) => -g * (free[i] as number));
  const shares: number[] = [];
  for (const { s, y, rho } of past.toReversed()) {
    const share = rho * dot(s, q);
    shares.push(share);
    for (let i = 0; i < q.length; i++) q[i] = (q[i] as number) - share * (y[i] as number);
  }
  const last = past.at(-1);
  if (last) {
    const scale = 1 / (last.rho * dot(last.y, last.y));
    for (let i = 0; i < q.length; i++) q[i] = (q[i] as number) * scale;
  }
  for (const { s, y, rho } of past) {
    const by = (shares.pop() as number) - rho * dot(y, q);
    for (let i = 0; i < q.length; i++) q[i] = (q[i] as number) + by * (s[i] as number);
  }
  return q.map((v, i) => v * (free[i] as number));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
