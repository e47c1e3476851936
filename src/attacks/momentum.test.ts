import { describe, expect, test } from 'vitest';
import { type Images, limitOf, randomOf, tensor, zeros } from '../tensor/index.ts';
import type { AttackContext } from './define.ts';
import { ahead, momentum, varianceTuned } from './momentum.ts';

/** Two images of two entries. */
const shape = [2, 1, 1, 2];
const of = (...values: number[]): Images => tensor(Float32Array.from(values), shape);
const values = ({ data }: Images): number[] => [...data];

describe('momentum', () => {
  test('is g ← decay·g + ∇/mean|∇|, image by image', () => {
    const kept = zeros(shape);
    const how = momentum(0.5, kept);
    const first = of(1, -3, 0.5, 0.5);
    how(first, 0);
    expect(values(first)).toEqual([0.5, -1.5, 1, 1]);
    expect(values(kept)).toEqual(values(first));
    const second = of(4, 0, -2, 6);
    how(second, 1);
    // 0.5·(0.5, -1.5) + (2, 0) and 0.5·(1, 1) + (-0.5, 1.5).
    expect(values(second)).toEqual([2.25, -0.75, 0, 2]);
    expect(values(kept)).toEqual(values(second));
  });

  test('a gradient of zero adds nothing, and a later one moves the image again', () => {
    const kept = zeros(shape);
    const how = momentum(1, kept);
    const flat = of(0, 0, 1, 1);
    how(flat, 0);
    expect(values(flat)).toEqual([0, 0, 1, 1]);
    const later = of(2, 2, 0, 0);
    how(later, 1);
    expect(values(later)).toEqual([1, 1, 1, 1]);
  });
});

test('Nesterov’s point lies ahead by each row’s share of the momentum, and moves nothing', async () => {
  const kept = of(1, -2, 0.5, 0);
  const images = of(0.5, 0.5, 0.25, 0.75);
  const asked: number[][] = [];
  const found = await ahead(kept, Float64Array.of(0.25, 0.5))(images, 3, async (points) => {
    asked.push(values(points));
    return of(9, 9, 9, 9);
  });
  expect(asked).toEqual([[0.75, 0, 0.5, 0.75]]);
  expect(values(found)).toEqual([9, 9, 9, 9]);
  expect(values(images)).toEqual([0.5, 0.5, 0.25, 0.75]);
  expect(values(kept)).toEqual([1, -2, 0.5, 0]);
});

describe('variance tuning', () => {
  const images = of(0.5, 0.25, 0.75, 0.5);
  const context = {
    batch: { ids: ['a', 'b'], images, start: images },
    limit: limitOf({ norm: 'linf', epsilon: 0.1 }, images, { pixels: 'float32' }).within([0.1, 0.2]),
    random: randomOf(3, 'attack/test'),
  } as unknown as AttackContext;

  /** A gradient that is linear in the point: the mean over neighbours is the gradient at their mean. */
  const slopes = [3, -1, 2, 5];
  const gradientAt = async ({ data, ...rest }: Images): Promise<Images> => ({
    ...rest,
    data: data.map((x, i) => (slopes[i] as number) * x),
  });

  /** Mean of the neighbours' displacements, row by row within its own cube. */
  function displacement(step: number, draws: number, within: number): number[] {
    const sums = [0, 0, 0, 0];
    for (let draw = 0; draw < draws; draw++)
      for (const [row, id] of ['a', 'b'].entries()) {
        const noise = new Float32Array(2);
        randomOf(3, 'attack/test')
          .stream(id, 'neighbour', step * draws + draw)
          .fillUniform(noise, -1, 1);
        const radius = within * (row === 0 ? 0.1 : 0.2);
        for (const [j, u] of noise.entries())
          sums[2 * row + j] = (sums[2 * row + j] as number) + (radius * u) / draws;
      }
    return sums;
  }

  test('adds what the neighbourhood of the step before had more than its centre', async () => {
    const where = varianceTuned(context, { draws: 3, within: 1.5 });
    const first = await where(images, 0, gradientAt);
    expect(first).toEqual(await gradientAt(images));
    const moved = of(0.55, 0.2, 0.8, 0.4);
    const second = await where(moved, 1, gradientAt);
    const plain = await gradientAt(moved);
    const before = displacement(0, 3, 1.5);
    for (const [i, g] of values(second).entries()) {
      const expected = (plain.data[i] as number) + (slopes[i] as number) * (before[i] as number);
      expect(g).toBeCloseTo(expected, 5);
      expect(Math.abs(g - (plain.data[i] as number))).toBeGreaterThan(1e-3);
    }
    const third = await where(moved, 2, gradientAt);
    const then = displacement(1, 3, 1.5);
    for (const [i, g] of values(third).entries())
      expect(g).toBeCloseTo((plain.data[i] as number) + (slopes[i] as number) * (then[i] as number), 5);
  });

  test('asks one question more than neighbours at each step', async () => {
    let asks = 0;
    const where = varianceTuned(context, { draws: 4, within: 1 });
    await where(images, 0, (points) => {
      asks++;
      return gradientAt(points);
    });
    expect(asks).toBe(5);
  });
});
