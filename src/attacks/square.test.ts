import { describe, expect, test } from 'vitest';
import { linear } from '../../test/linear.ts';
import { type Images, type RandomStream, source, tensor } from '../tensor/index.ts';
import type { Goal } from './define.ts';
import { ball } from './limit.ts';
import { square } from './square.ts';
import { attackMargins } from './track.ts';

const random = source(3, 'square-test');

function normals(size: number, purpose: string): Float64Array {
  const stream = random.stream('', purpose);
  return Float64Array.from({ length: size }, () => stream.normal());
}

function uniforms(shape: readonly number[], purpose: string, low: number, high: number): Images {
  const data = new Float32Array(shape.reduce((a, d) => a * d, 1));
  random.stream('', purpose).fillUniform(data, low, high);
  return tensor(
    data.map((v) => Math.min(1, Math.max(0, v))),
    shape,
  );
}

interface Task {
  images: Images;
  weights: readonly Float64Array[];
  norm: 'linf' | 'l2';
  epsilon: number;
  goal?: Goal;
  options?: { queries?: number; share?: number; loss?: 'margin' | 'cross-entropy' };
}

/** Runs the attack and shows each question and what would be returned after it. */
async function run(
  task: Task,
  see?: (asked: Float32Array) => void,
  yielded?: (images: Float32Array) => void,
): Promise<Images> {
  const count = task.images.shape[0] as number;
  const walk = square.run({
    model: linear(task.weights, (images) => see?.(images.data)),
    batch: { ids: Array.from({ length: count }, (_, i) => `image${i}`), images: task.images },
    goal: task.goal ?? { kind: 'untargeted', classes: new Int32Array(count) },
    limit: ball(task.norm, task.epsilon),
    random: source(9, 'attack/square'),
    options: square.options.parse(task.options ?? {}),
  });
  for (;;) {
    const next = await walk.next();
    if (next.done === true) return next.value;
    yielded?.(next.value.data);
  }
}

/** All questions of a run. */
async function questions(task: Task): Promise<Float32Array[]> {
  const asked: Float32Array[] = [];
  await run(task, (x) => asked.push(x.slice()));
  return asked;
}

/** p of the paper's table, by the step of 10 000. */
function share(initial: number, step: number, steps: number): number {
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

/** Rows and columns of one image that differ. */
function box(a: Float32Array, b: Float32Array, width: number, height: number) {
  const out = { top: Infinity, left: Infinity, bottom: -1, right: -1 };
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i]) continue;
    const [y, x] = [Math.floor(i / width) % height, i % width];
    out.top = Math.min(out.top, y);
    out.bottom = Math.max(out.bottom, y);
    out.left = Math.min(out.left, x);
    out.right = Math.max(out.right, x);
  }
  return out;
}

describe('the schedule', () => {
  const size = 3 * 32 * 32;
  const dead = [new Float64Array(size), new Float64Array(size)];
  const images = uniforms([1, 3, 32, 32], 'schedule', 0.3, 0.7);

  test.for([1500, 10_000])(
    'squares of %i queries have the sides of the table, anywhere in the image',
    async (queries) => {
      const sides = new Set<number>();
      const ends = { top: 32, left: 32, bottom: 0, right: 0 };
      let stripes: Float32Array | undefined;
      let step = 0;
      let wrong = 0;
      // Nothing is ever gained, so every query is one window away from the stripes.
      await run({ images, weights: dead, norm: 'linf', epsilon: 0.1, options: { queries } }, (x) => {
        if (stripes === undefined) {
          stripes = x.slice();
          return;
        }
        const { top, left, bottom, right } = box(x, stripes, 32, 32);
        const side = Math.round(32 * Math.sqrt(share(0.8, step++, queries)));
        sides.add(side);
        // A stripe turns over the whole height of the window; where its sign stays the window looks narrower.
        if (bottom - top + 1 !== side || right - left + 1 > side) wrong++;
        ends.top = Math.min(ends.top, top);
        ends.left = Math.min(ends.left, left);
        ends.bottom = Math.max(ends.bottom, bottom);
        ends.right = Math.max(ends.right, right);
      });
      expect(step).toBe(queries - 1);
      expect(wrong).toBe(0);
      expect([...sides]).toEqual([29, 20, 14, 10, 7, 5, 4, 3, 2, 1]);
      expect(ends).toEqual({ top: 0, left: 0, bottom: 31, right: 31 });
    },
  );

  test('no query repeats the point it starts from', async () => {
    const grey = tensor(new Float32Array(64).fill(0.5), [1, 1, 8, 8]);
    const weights = [new Float64Array(64), new Float64Array(64)];
    const task = { images: grey, weights, norm: 'linf', epsilon: 0.1, options: { queries: 2000 } } as const;
    const asked = await questions(task);
    const [stripes, ...moves] = asked as [Float32Array, ...Float32Array[]];
    expect(moves.filter((x) => x.every((v, i) => v === stripes[i]))).toEqual([]);
  });

  test('an epsilon below the resolution of float32 ends too', async () => {
    const grey = tensor(new Float32Array(64).fill(0.5), [1, 1, 8, 8]);
    const weights = [new Float64Array(64), new Float64Array(64)];
    const made = await run({ images: grey, weights, norm: 'linf', epsilon: 1e-12, options: { queries: 20 } });
    expect(made.data).toEqual(grey.data);
  });
});

/**
 * The paper's algorithms once more, over whole images in float64, with the attack's random numbers. Each question
 * follows from those that the attack asked before, so that roundings do not add up to another decision.
 */
function restated(
  task: Task & { options: { queries: number } },
  stripes: boolean,
  asked: readonly Float32Array[],
): Float64Array[] {
  const [, channels, height, width] = task.images.shape as [number, number, number, number];
  const clean = Float64Array.from(task.images.data);
  const plane = height * width;
  const numbers = source(9, 'attack/square');
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
  for (let query = 0; query < task.options.queries; query++) {
    const stream = numbers.stream('image0', 'query', query);
    const p = share(0.8, Math.max(0, query - 1), task.options.queries);
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

describe('against a plain restatement', () => {
  const shape = [1, 3, 17, 17];
  const weights = [normals(867, 'first'), normals(867, 'second')];

  test.for([
    ['linf', 0.1, 0.3, 0.7],
    ['linf', 0.1, -0.3, 1.3],
    ['l2', 0.8, 0.3, 0.7],
    ['l2', 0.8, -0.3, 1.3],
  ] as const)(
    'the questions in %s are the paper’s (epsilon %d, pixels from %d to %d)',
    async ([norm, epsilon, low, high]) => {
      const images = uniforms(shape, 'pixels', low, high);
      const task = { images, weights, norm, epsilon, options: { queries: 250 } };
      const asked = await questions(task);
      const expected = restated(task, norm === 'linf', asked);
      const apart = asked.map((x, q) =>
        x.reduce(
          (most, v, i) => Math.max(most, Math.abs(v - ((expected[q] as Float64Array)[i] as number))),
          0,
        ),
      );
      expect(Math.max(...apart)).toBeLessThanOrEqual(norm === 'linf' ? 0 : 2e-6);
    },
  );

  test('in l2 all of epsilon is always used where the pixel range leaves room', async () => {
    const images = uniforms(shape, 'pixels', 0.45, 0.55);
    const asked = await questions({ images, weights, norm: 'l2', epsilon: 0.4, options: { queries: 300 } });
    for (const x of asked) {
      const norm = Math.sqrt(x.reduce((sum, v, i) => sum + (v - (images.data[i] as number)) ** 2, 0));
      expect(norm / 0.4).toBeCloseTo(1, 5);
    }
  });
});

describe('what it finds', () => {
  const size = 108;
  const shape = [4, 3, 6, 6];

  test.for(['untargeted', 'targeted'] as const)(
    'in linf the corner of an affine model of two classes, to the last pixel (%s)',
    async (kind) => {
      const weights = [normals(size, 'first'), normals(size, 'second')];
      const images = uniforms(shape, 'grey', 0.4, 0.6);
      const goal: Goal = { kind, classes: new Int32Array(4).fill(kind === 'targeted' ? 1 : 0) };
      const made = await run({
        images,
        weights,
        norm: 'linf',
        epsilon: 0.05,
        goal,
        options: { queries: 5000 },
      });
      const corner = images.data.map((v, i) => {
        const slope = (weights[1]?.[i % size] as number) - (weights[0]?.[i % size] as number);
        return v + 0.05 * Math.sign(slope);
      });
      expect(made.data).toEqual(corner);
    },
  );

  test.for([
    ['linf', 'margin'],
    ['linf', 'cross-entropy'],
    ['l2', 'margin'],
    ['l2', 'cross-entropy'],
  ] as const)('the best of all it asked, at any time (%s, %s)', async ([norm, loss]) => {
    const weights = Array.from({ length: 5 }, (_, k) => normals(size, `class ${k}`));
    const images = uniforms(shape, 'pixels', 0, 1);
    for (const kind of ['untargeted', 'targeted'] as const) {
      const goal: Goal = { kind, classes: Int32Array.from([0, 1, 2, 3]) };
      const options = { queries: 150, loss };
      const asked: Float32Array[] = [];
      const yielded: Float32Array[] = [];
      const task: Task = { images, weights, norm, epsilon: 0.3, goal, options };
      await run(
        task,
        (x) => asked.push(x.slice()),
        (x) => yielded.push(x.slice()),
      );
      const margins = async (data: Float32Array): Promise<Float64Array> =>
        attackMargins(
          await linear(weights).scores({ images: tensor(data, shape), ids: ['', '', '', ''] }),
          goal,
        );
      const highest = new Float64Array(4).fill(-Infinity);
      for (const [q, x] of asked.entries()) {
        for (const [i, m] of (await margins(x)).entries()) highest[i] = Math.max(highest[i] as number, m);
        expect(await margins(yielded[q] as Float32Array)).toEqual(highest);
      }
    }
  });

  test('cross-entropy still tells sure answers apart', async () => {
    // Logits so far apart that a softmax in float32, or even in float64, is 1 at every point.
    const weights = [normals(size, 'first').map((w) => 200 * w + 100), normals(size, 'second')];
    const images = uniforms(shape, 'grey', 0.4, 0.6);
    const most = (loss: 'margin' | 'cross-entropy') =>
      run({ images, weights, norm: 'linf', epsilon: 0.05, options: { queries: 600, loss } });
    // With two classes both losses order alike.
    expect((await most('cross-entropy')).data).toEqual((await most('margin')).data);
  });
});

test('takes images of any shape', async () => {
  for (const shape of [
    [1, 1, 1, 1],
    [1, 1, 1, 5],
    [1, 2, 2, 2],
    [1, 1, 4, 3],
    [1, 1, 14, 31],
  ])
    for (const norm of ['linf', 'l2'] as const) {
      const size = shape.reduce((a, d) => a * d, 1);
      const images = uniforms(shape, 'shapes', 0, 1);
      const weights = [normals(size, 'first'), normals(size, 'second')];
      const asked = await questions({
        images,
        weights,
        norm,
        epsilon: 0.2,
        options: { queries: 60, share: 1 },
      });
      expect(asked.length).toBe(60);
      for (const x of asked) expect(ball(norm, 0.2).contains(tensor(x, shape), images)).toEqual([true]);
    }
});
