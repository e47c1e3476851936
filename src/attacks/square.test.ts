import { describe, expect, test } from 'vitest';
import { linear } from '../../test/linear.ts';
import { runAttack } from '../../test/run-attack.ts';
import { restated, share, type SquareTask as Task } from '../../test/square-restated.ts';
import { asked as question, scoresOf } from '../models/index.ts';
import { distance, type Images, limitOf, randomOf, tensor } from '../tensor/index.ts';
import type { Goal } from './define.ts';
import { square } from './square.ts';
import { attackMargins } from './track.ts';

const random = randomOf(3, 'square-test');

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

/** Runs the attack and shows each question and what would be returned after it. */
async function run(
  task: Task,
  see?: (asked: Float32Array) => void,
  yielded?: (images: Float32Array) => void,
): Promise<Images> {
  const { images, weights, norm, epsilon, queries, goal, share, loss } = task;
  const made = await runAttack(
    square,
    {
      model: linear(weights, shapeOf(images), (x) => see?.(x.data)),
      images,
      goal: goal ?? { kind: 'untargeted', classes: new Int32Array(images.shape[0] as number) },
      limit: limitOf({ norm, epsilon }, images, { pixels: 'float32' }),
      random: randomOf(9, 'attack/square'),
      queries,
      options: { schedule: queries, ...(share && { share }), ...(loss && { loss }) },
    },
    (x) => yielded?.(x.data),
  );
  return made.images;
}

function shapeOf({ shape }: Images): [number, number, number] {
  return shape.slice(1) as [number, number, number];
}

/** All questions of a run. */
async function questions(task: Task): Promise<Float32Array[]> {
  const asked: Float32Array[] = [];
  await run(task, (x) => asked.push(x.slice()));
  return asked;
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
      await run({ images, weights: dead, norm: 'linf', epsilon: 0.1, queries }, (x) => {
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
    const task = { images: grey, weights, norm: 'linf', epsilon: 0.1, queries: 2000 } as const;
    const asked = await questions(task);
    const [stripes, ...moves] = asked as [Float32Array, ...Float32Array[]];
    expect(moves.filter((x) => x.every((v, i) => v === stripes[i]))).toEqual([]);
  });

  test('an epsilon below the resolution of float32 ends too', async () => {
    const grey = tensor(new Float32Array(64).fill(0.5), [1, 1, 8, 8]);
    const weights = [new Float64Array(64), new Float64Array(64)];
    const made = await run({ images: grey, weights, norm: 'linf', epsilon: 1e-12, queries: 20 });
    expect(made.data).toEqual(grey.data);
  });
});

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
      const task = { images, weights, norm, epsilon, queries: 250 };
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

  test.for([
    ['l2', 0.4],
    ['l1', 4],
  ] as const)(
    'in %s all of epsilon is always used where the pixel range leaves room',
    async ([norm, epsilon]) => {
      const images = uniforms(shape, 'pixels', 0.45, 0.55);
      const asked = await questions({ images, weights, norm, epsilon, queries: 300 });
      for (const x of asked) expect(distance(x, images.data, norm, 1) / epsilon).toBeCloseTo(1, 5);
    },
  );
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
        queries: 5000,
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
    ['l1', 'margin'],
  ] as const)('the best of all it asked, at any time (%s, %s)', async ([norm, loss]) => {
    const weights = Array.from({ length: 5 }, (_, k) => normals(size, `class ${k}`));
    const images = uniforms(shape, 'pixels', 0, 1);
    for (const kind of ['untargeted', 'targeted'] as const) {
      const goal: Goal = { kind, classes: Int32Array.from([0, 1, 2, 3]) };
      const asked: Float32Array[] = [];
      const yielded: Float32Array[] = [];
      const task: Task = { images, weights, norm, epsilon: 0.3, goal, queries: 150, loss };
      const last = await run(
        task,
        (x) => asked.push(x.slice()),
        (x) => yielded.push(x.slice()),
      );
      yielded.push(last.data);
      const margins = async (data: Float32Array): Promise<Float64Array> =>
        attackMargins(
          scoresOf(await linear(weights, [3, 6, 6]).answers(question(tensor(data, shape)))),
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
      run({ images, weights, norm: 'linf', epsilon: 0.05, queries: 600, loss });
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
    for (const norm of ['linf', 'l2', 'l1'] as const) {
      const size = shape.reduce((a, d) => a * d, 1);
      const images = uniforms(shape, 'shapes', 0, 1);
      const weights = [normals(size, 'first'), normals(size, 'second')];
      const asked = await questions({
        images,
        weights,
        norm,
        epsilon: 0.2,
        queries: 60,
        share: 1,
      });
      expect(asked.length).toBe(60);
      const limit = limitOf({ norm, epsilon: 0.2 }, images, { pixels: 'float32' });
      for (const x of asked) expect([...limit.outside(tensor(x, shape))]).toEqual([0]);
    }
});
