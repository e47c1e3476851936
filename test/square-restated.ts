import type { Goal } from '../src/attacks/index.ts';
import { type Images, type RandomStream, randomOf } from '../src/tensor/index.ts';

/** What a test asks of the square attack. */
export interface SquareTask {
  images: Images;
  weights: readonly Float64Array[];
  norm: 'linf' | 'l2' | 'l1';
  epsilon: number;
  /** Questions, for which the shrinking of the squares is laid out too. */
  queries: number;
  goal?: Goal;
  share?: number;
  loss?: 'margin' | 'cross-entropy';
}

/** p of the paper's table, by the step of 10 000. */
export function share(initial: number, step: number, steps: number): number {
  const table: [upTo: number, divisor: number][] = [
    [10, 1],
    [50, 2],
    [200, 4],
    [500, 8],
    [1000, 16],
    [2000, 32],
    [4000, 64],
    [6000, 128],
    [8000, 256],
    [10000, 512],
  ];
  const at = Math.trunc((step / steps) * 10_000 + 1e-9);
  return initial / (table.find(([upTo]) => at <= upTo) as [number, number])[1];
}

/**
 * The paper's algorithms once more, over whole images in float64, with the attack's random numbers. Each question
 * follows from those that the attack asked before, so that roundings do not add up to another decision.
 */
export function restated(task: SquareTask, stripes: boolean, asked: readonly Float32Array[]): Float64Array[] {
  const [, channels, height, width] = task.images.shape as [number, number, number, number];
  const clean = Float64Array.from(task.images.data);
  const plane = height * width;
  const numbers = randomOf(9, 'attack/square');
  const value = (x: Float64Array): number => {
    const [a, b] = task.weights.map((w) =>
      Math.fround(x.reduce((sum, v, i) => sum + (w[i] as number) * v, 0)),
    );
    return (b as number) - (a as number);
  };
  const box = (x: Float64Array): Float64Array => x.map((v) => Math.fround(Math.min(1, Math.max(0, v))));
  const out: Float64Array[] = [];
  let best: Float64Array = clean;
  let highest = -Infinity;
  for (let query = 0; query < task.queries; query++) {
    const stream = numbers.stream('image0', 'query', query);
    const p = share(0.8, Math.max(0, query - 1), task.queries);
    let x: Float64Array;
    if (query === 0) x = box(stripes ? striped(stream) : tiled(stream));
    else x = box(stripes ? flipped(stream, p) : gathered(stream, p));
    out.push(x);
    const point = Float64Array.from(asked[query] as Float32Array);
    if (value(point) > highest) [best, highest] = [point, value(point)];
  }
  return out;

  function striped(stream: RandomStream): Float64Array {
    const signs = Array.from({ length: channels * width }, () => stream.sign());
    return clean.map(
      (v, i) => v + task.epsilon * (signs[Math.floor(i / plane) * width + (i % width)] as number),
    );
  }

  function flipped(stream: RandomStream, p: number): Float64Array {
    const side = Math.min(height, width, Math.max(1, Math.round(Math.sqrt(p * plane))));
    const [top, left] = [stream.integer(height - side + 1), stream.integer(width - side + 1)];
    for (;;) {
      const signs = Array.from({ length: channels }, () => stream.sign());
      const x = best.map((v, i) => {
        const [c, y, at] = [Math.floor(i / plane), Math.floor((i % plane) / width), i % width];
        if (y < top || y >= top + side || at < left || at >= left + side) return v;
        // 2ε goes from one end to the other; more of it leaves the rounding to the bounds.
        const moved = v + 3 * task.epsilon * (signs[c] as number);
        const original = clean[i] as number;
        return Math.min(original + task.epsilon, Math.max(original - task.epsilon, moved));
      });
      if (box(x).some((v, i) => v !== best[i])) return x;
    }
  }

  function tiled(stream: RandomStream): Float64Array {
    const side = Math.floor(height / 5);
    const offset = Math.floor((height - 5 * side) / 2);
    const delta = new Float64Array(clean.length);
    for (let row = 0; row < 5; row++)
      for (let column = 0; column < 5; column++) {
        const bump = turned(profile(side), stream.sign());
        for (let c = 0; c < channels; c++) {
          const sign = stream.sign();
          for (const [i, line] of bump.entries())
            for (const [j, v] of line.entries())
              delta[c * plane + (offset + row * side + i) * width + offset + column * side + j] = sign * v;
        }
      }
    const norm = Math.sqrt(delta.reduce((sum, v) => sum + v * v, 0));
    return clean.map((v, i) => v + (task.epsilon * (delta[i] as number)) / norm);
  }

  function gathered(stream: RandomStream, p: number): Float64Array {
    let side = Math.max(3, Math.round(Math.sqrt(p * plane)));
    if (side % 2 === 0) side++;
    const [top, left, top2, left2] = [height, width, height, width].map((n) =>
      stream.integer(n - side + 1),
    ) as [number, number, number, number];
    const within = (i: number, t: number, l: number): boolean => {
      const [y, x] = [Math.floor((i % plane) / width), i % width];
      return y >= t && y < t + side && x >= l && x < l + side;
    };
    const bump = turned(profile(side), stream.sign());
    const nu = best.map((v, i) => v - (clean[i] as number));
    const squares = (test: (i: number) => boolean): number =>
      nu.reduce((sum, v, i) => (test(i) ? sum + v * v : sum), 0);
    const unused = Math.max(0, task.epsilon ** 2 - squares(() => true));
    const next = nu.map((v, i) => (within(i, top2, left2) ? 0 : v));
    for (let c = 0; c < channels; c++) {
      const mine = (i: number): boolean => Math.floor(i / plane) === c;
      const sign = stream.sign();
      const old = Math.sqrt(squares((i) => mine(i) && within(i, top, left)));
      const mix = new Map<number, number>();
      for (let i = c * plane; i < (c + 1) * plane; i++)
        if (within(i, top, left)) {
          const eta = (bump[Math.floor((i % plane) / width) - top] as number[])[(i % width) - left] as number;
          mix.set(i, sign * eta + (nu[i] as number) / (old + 1e-12));
        }
      let length = Math.sqrt([...mix.values()].reduce((sum, v) => sum + v * v, 0));
      // The one departure: a bump that undoes the change leaves rounding errors alone, so it counts alone.
      if (length < 0.01) {
        for (const [i, v] of mix) mix.set(i, v - (nu[i] as number) / (old + 1e-12));
        length = 1;
      }
      const available = Math.sqrt(
        squares((i) => mine(i) && (within(i, top, left) || within(i, top2, left2))) + unused / channels,
      );
      for (const [i, v] of mix) next[i] = (v / length) * available;
    }
    const total = Math.sqrt(next.reduce((sum, v) => sum + v * v, 0));
    return clean.map((v, i) => v + (task.epsilon * (next[i] as number)) / total);
  }
}

/** The bumps of an upright window: rectangles painted on each other from the middle of either half. */
function profile(side: number): number[][] {
  const half = (height: number): number[][] => {
    const lines = Array.from({ length: height }, () => Array.from({ length: side }, () => 0));
    const [y, x] = [Math.floor(height / 2), Math.floor(side / 2)];
    for (let reach = 0; reach <= Math.max(y, x); reach++)
      for (const [i, line] of lines.entries())
        for (const j of line.keys())
          if (Math.abs(i - y) <= reach && Math.abs(j - x) <= reach)
            line[j] = (line[j] as number) + (1 + reach) ** -2;
    const norm = Math.sqrt(lines.flat().reduce((sum, v) => sum + v * v, 0));
    return lines.map((line) => line.map((v) => v / norm));
  };
  const upper = half(Math.floor(side / 2));
  const lower = half(side - Math.floor(side / 2)).map((line) => line.map((v) => -v));
  return [...upper, ...lower].map((line) => line.map((v) => v / Math.SQRT2));
}

function turned(lines: number[][], sign: number): number[][] {
  return sign > 0 ? lines : lines.map((line, i) => line.map((_, j) => (lines[j] as number[])[i] as number));
}
