import { describe, expect, test } from 'vitest';
import { linear } from '../../test/linear.ts';
import { runAttack } from '../../test/run-attack.ts';
import { asked as question, scoresOf } from '../models/index.ts';
import { type Images, limitOf, type Norm, randomOf, tensor } from '../tensor/index.ts';
import { addCorner, addUniform } from './noise.ts';
import { repeatedNoise } from './repeated-noise.ts';
import { attackMargins } from './track.ts';

const random = randomOf(4, 'noise-test');

describe('points of the ball', () => {
  test('uniform in the l2 ball: (radius / epsilon)^d is uniform, and no direction is preferred', () => {
    const [d, n] = [12, 4000];
    const scratch = new Float32Array(d);
    const cells = new Float64Array(10);
    const mean = new Float64Array(d);
    for (let draw = 0; draw < n; draw++) {
      const x = new Float32Array(d);
      addUniform(x, { norm: 'l2', radius: 0.5 }, random.stream('', 'ball', draw), scratch);
      const cell = Math.min(9, Math.floor(10 * (Math.hypot(...x) / 0.5) ** d));
      cells[cell] = (cells[cell] as number) + 1;
      for (let i = 0; i < d; i++) mean[i] = (mean[i] as number) + (x[i] as number) / n;
    }
    // Chi-square of nine degrees of freedom, at five standard deviations.
    const chi = cells.reduce((sum, c) => sum + (c - n / 10) ** 2 / (n / 10), 0);
    expect(chi).toBeLessThan(9 + 5 * Math.sqrt(18));
    // Each coordinate has the variance epsilon² / (d + 2).
    for (const m of mean) expect(Math.abs(m)).toBeLessThan(5 * 0.5 * Math.sqrt(1 / ((d + 2) * n)));
  });

  test('uniform in the cube: mean 0, variance epsilon² / 3, ends not passed', () => {
    const n = 20_000;
    const x = new Float32Array(n);
    addUniform(x, { norm: 'linf', radius: 0.25 }, random.stream('', 'cube'), new Float32Array(n));
    const moment = (power: number) => x.reduce((sum, v) => sum + (v / 0.25) ** power, 0) / n;
    expect(Math.abs(moment(1))).toBeLessThan(5 * Math.sqrt(1 / 3 / n));
    expect(Math.abs(moment(2) - 1 / 3)).toBeLessThan(5 * Math.sqrt(4 / 45 / n));
    expect(x.every((v) => Math.abs(v) <= 0.25)).toBe(true);
  });

  test('corners: every sign is fair, and none follows from another', () => {
    const [d, n] = [70, 2000];
    const sums = new Float64Array(d);
    const pairs = new Float64Array(d);
    for (let draw = 0; draw < n; draw++) {
      const x = new Float32Array(d);
      addCorner(x, 0.25, random.stream('', 'corner', draw));
      expect(x.every((v) => Math.abs(v) === 0.25)).toBe(true);
      for (let i = 0; i < d; i++) {
        sums[i] = (sums[i] as number) + Math.sign(x[i] as number);
        pairs[i] = (pairs[i] as number) + Math.sign((x[i] as number) * (x[(i + 32) % d] as number));
      }
    }
    for (const s of [...sums, ...pairs]) expect(Math.abs(s)).toBeLessThan(5 * Math.sqrt(n));
  });
});

/** 24 grey images and two classes. */
const [count, size, draws] = [24, 108, 1000];
const grey: Images = tensor(new Float32Array(count * size).fill(0.5), [count, 3, 6, 6]);
const weights = ['first', 'second'].map((name) => {
  const stream = random.stream('', name);
  return Float64Array.from({ length: size }, () => stream.normal());
});

async function run(norm: Norm, epsilon: number, corners: boolean, images: Images) {
  let asked = 0;
  const model = linear(weights, [3, 6, 6], () => asked++);
  const goal = { kind: 'untargeted', classes: new Int32Array(count) } as const;
  const margins = async (x: Images) =>
    attackMargins(scoresOf(await linear(weights, [3, 6, 6]).answers(question(x))), goal);
  const yields: Images[] = [];
  const task = {
    model,
    images,
    goal,
    limit: limitOf({ norm, epsilon }, images, { pixels: 'float32' }),
    options: { draws, corners },
  };
  const made = await runAttack(repeatedNoise, task, (x) => {
    yields.push({ ...x, data: x.data.slice() });
    expect(asked).toBe(yields.length);
  });
  let before: Float64Array = new Float64Array(count).fill(-Infinity);
  for (let step = 99; step < draws; step += 100) {
    const now = await margins(yields[step] as Images);
    expect(now.every((m, i) => m >= (before[i] as number))).toBe(true);
    before = now;
  }
  return { asked, images: made.images, gained: await margins(made.images), margins };
}

describe('repeated-noise', () => {
  const slope = Float64Array.from(
    { length: size },
    (_, i) => (weights[1]?.[i] as number) - (weights[0]?.[i] as number),
  );
  const norm = Math.hypot(...slope);

  test.for([
    ['linf', false, 0.1, 0.1 / Math.sqrt(3)],
    ['linf', true, 0.1, 0.1],
    ['l2', false, 0.4, 0.4 / Math.sqrt(size + 2)],
  ] as const)(
    'gains on an affine model what the best of so many normal numbers gains (%s, corners %s)',
    async ([kind, corners, epsilon, deviation]) => {
      const { asked, gained, margins } = await run(kind, epsilon, corners, grey);
      expect(asked).toBe(draws);
      const start = await margins(grey);
      const scores = gained.map((m, i) => (m - (start[i] as number)) / (deviation * norm));
      // The largest of 1000 standard normal numbers has mean 3.2414 and standard deviation 0.3514.
      const mean = scores.reduce((sum, s) => sum + s, 0) / count;
      expect(Math.abs(mean - 3.2414)).toBeLessThan((5 * 0.3514) / Math.sqrt(count));
    },
  );

  test('keeps the best of the points that its random numbers name, clipped to the pixel range', async () => {
    const data = new Float32Array(count * size);
    random.stream('', 'pixels').fillUniform(data, 0, 1);
    const images = tensor(data, grey.shape);
    const made = (await run('linf', 0.3, false, images)).images.data.subarray(0, size);
    const value = (x: Float32Array) => x.reduce((sum, v, i) => sum + v * (slope[i] as number), 0);
    let best = new Float32Array(size);
    let highest = -Infinity;
    for (let draw = 0; draw < draws; draw++) {
      const u = new Float32Array(size);
      randomOf(5, 'attack/repeated-noise').stream('image0', 'noise', draw).fillUniform(u, -0.3, 0.3);
      const x = u.map((v, i) => Math.min(1, Math.max(0, v + (data[i] as number))));
      if (value(x) > highest) [best, highest] = [x, value(x)];
    }
    expect(made).toEqual(best);
  });
});
