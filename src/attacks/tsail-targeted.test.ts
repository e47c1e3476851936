import { describe, expect, test } from 'vitest';
import { climb, kin, size, slope } from '../../test/affine-world.ts';
import { clone, type Images, type LimitSpec, tensor, zeros } from '../tensor/index.ts';
import { standardised } from './momentum.ts';
import { tsailTargeted } from './tsail-targeted.ts';

const wide: LimitSpec = { norm: 'linf', epsilon: 0.4 };
/** To stay at class 0: down what leaving it gains. */
const goal = { kind: 'targeted', classes: Int32Array.of(0, 0) } as const;

/** Standard deviation of an image's entries. */
const deviation = (x: ArrayLike<number>): number => {
  const all = Array.from(x);
  const mean = all.reduce((a, v) => a + v, 0) / all.length;
  return Math.sqrt(all.reduce((a, v) => a + (v - mean) ** 2, 0) / all.length);
};

test('every entry moves by -2 to 2 whole steps', async () => {
  const all: Float32Array[] = [new Float32Array(2 * size).fill(0.5)];
  for (let steps = 1; steps <= 4; steps++) {
    const options = { steps, stepSize: 0.02 };
    all.push((await climb(tsailTargeted, 2, wide, { goal, options, model: kin })).images.data);
  }
  const seen = new Set<number>();
  for (let step = 1; step <= 4; step++)
    for (let i = 0; i < 2 * size; i++) {
      const moved = ((all[step]?.[i] as number) - (all[step - 1]?.[i] as number)) / 0.02;
      expect(Math.abs(moved - Math.round(moved))).toBeLessThan(1e-4);
      seen.add(Math.round(moved) + 0);
    }
  expect([...seen].every((m) => Math.abs(m) <= 2)).toBe(true);
  expect(seen.size).toBeGreaterThan(2);
});

test('the first step is the gradient over its deviation, rounded and held within 2', async () => {
  const { images } = await climb(tsailTargeted, 2, wide, { goal, options: { steps: 1, stepSize: 0.02 } });
  const over = deviation(slope);
  for (let i = 0; i < 2 * size; i++) {
    const step = Math.min(2, Math.max(-2, Math.round(-(slope[i % size] as number) / over)));
    expect((images.data[i] as number) - 0.5).toBeCloseTo(0.02 * step, 6);
  }
});

test.for([
  [8 / 255, 20, 12],
  [7.9 / 255, 40, 28],
] as const)('at an epsilon of %d it takes %i steps of epsilon / %i', async ([epsilon, steps, parts]) => {
  const limit: LimitSpec = { norm: 'linf', epsilon };
  const explicit = { steps, stepSize: epsilon / parts };
  const { images, meter } = await climb(tsailTargeted, 2, limit, { goal });
  expect(images).toEqual((await climb(tsailTargeted, 2, limit, { goal, options: explicit })).images);
  expect(meter.counts.gradients.get('image0')).toBe(steps);
});

describe('momentum over deviations', () => {
  const gradient = (data: number[]): Images => tensor(Float32Array.from(data), [1, 1, 1, data.length]);

  test('accumulates what is divided, and divides the sum', () => {
    const kept = zeros([1, 1, 1, 4]);
    const how = standardised(0.5, kept);
    const [one, two] = [
      [3, -1, 0.5, 2],
      [-1, 4, 1, 0.2],
    ] as [number[], number[]];
    how(gradient(one), 0);
    const first = one.map((v) => v / deviation(one));
    for (const [i, v] of kept.data.entries()) expect(v).toBeCloseTo(first[i] as number, 5);
    const step = clone(gradient(two));
    how(step, 1);
    const sum = first.map((v, i) => 0.5 * v + (two[i] as number) / deviation(two));
    const whole = sum.map((v) => v / deviation(sum));
    for (const [i, v] of kept.data.entries()) expect(v).toBeCloseTo(whole[i] as number, 5);
    expect([...step.data]).toEqual(whole.map((v) => Math.min(2, Math.max(-2, Math.round(v) + 0))));
  });

  test('rounds ties to even, whatever the sign', () => {
    // Of deviation 1: five pairs of ±0.5, three of ±1.5.
    const pairs = [0.5, 0.5, 0.5, 0.5, 0.5, 1.5, 1.5, 1.5];
    const step = gradient(pairs.flatMap((v) => [v, -v]));
    standardised(0, zeros([1, 1, 1, 16]))(step, 0);
    expect([...step.data].map((v) => v + 0)).toEqual(pairs.flatMap((v) => (v > 1 ? [2, -2] : [0, 0])));
  });

  test('a gradient of one value moves nothing', () => {
    const step = gradient([3, 3, 3]);
    standardised(1, zeros([1, 1, 1, 3]))(step, 0);
    expect([...step.data]).toEqual([0, 0, 0]);
  });
});
