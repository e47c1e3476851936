import { expect, test } from 'vitest';
import { climb, greys, leaving, size, slope } from '../../test/affine-world.ts';
import { linear } from '../../test/linear.ts';
import { runAttack } from '../../test/run-attack.ts';
import { type Images, limitOf, rows, tensor } from '../tensor/index.ts';
import { simba, waves } from './simba.ts';

const step = 0.03;
const wide = { norm: 'l2', epsilon: 10 } as const;

/** The start, and of each vector one question where down gains, else two. */
const sweep = (gains: ArrayLike<number>): number =>
  1 + Array.from(gains).reduce((sum, g) => sum + (g < 0 ? 1 : 2), 0);

const all = Array.from({ length: size }, (_, i) => i);
const basis = waves({ channels: 3, height: 2, width: 2 }, 1 / 2);
const unit = (vector: number): Float32Array => {
  const out = new Float32Array(size);
  basis.add(out, vector, 1);
  return out;
};
const inner = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, v, i) => sum + v * (b[i] as number), 0);

test.for([
  ['pixels', slope],
  ['dct', all.map((vector) => inner(slope, unit(vector)))],
] as const)('one sweep takes every step that an affine model rewards (%s)', async ([kind, along]) => {
  const options = { basis: kind, stepSize: step };
  const { images, meter } = await climb(simba, 3, wide, { options, queries: sweep(along) });
  for (const image of [0, 1, 2]) {
    const change = rows(images, image, image + 1).data.map((v) => v - 0.5);
    for (const vector of all) {
      const taken = kind === 'pixels' ? change[vector] : inner(change, unit(vector));
      expect(taken).toBeCloseTo(step * Math.sign(along[vector] as number), 6);
    }
  }
  expect([...meter.counts.scores.values()]).toEqual([0, 1, 2].map(() => sweep(along)));
  // One question less, and the last of them is missing; each image has an order of its own.
  const { images: less } = await climb(simba, 3, wide, { options, queries: sweep(along) - 1 });
  for (const image of [0, 1, 2]) {
    const change = rows(less, image, image + 1).data.map((v) => v - 0.5);
    expect(Math.sqrt(inner(change, change))).toBeCloseTo(step * Math.sqrt(size - 1), 6);
  }
  expect(new Set([0, 1, 2].map((i) => rows(less, i, i + 1).data.join())).size).toBeGreaterThan(1);
});

test('the next sweep takes the same steps again, up to the corner of the ball', async () => {
  const limit = { norm: 'linf', epsilon: 2.5 * step } as const;
  const { images } = await climb(simba, 1, limit, { options: { stepSize: step }, queries: 100 });
  for (const [i, v] of images.data.entries())
    expect(v).toBeCloseTo(0.5 + limit.epsilon * Math.sign(slope[i] as number), 6);
});

test('waves are orthonormal, and the lowest of all channels come first', () => {
  for (const a of all) for (const b of all) expect(inner(unit(a), unit(b))).toBeCloseTo(a === b ? 1 : 0, 6);
  expect(basis.parts).toEqual([
    [0, 4, 8],
    [1, 2, 3, 5, 6, 7, 9, 10, 11],
  ]);
  const { parts } = waves({ channels: 1, height: 16, width: 8 }, 1 / 8);
  expect(parts.map((part) => part.length)).toEqual([2, 8 - 2, 32 - 8, 128 - 32]);
  expect(waves({ channels: 1, height: 16, width: 8 }, 1).parts.map((part) => part.length)).toEqual([128]);
});

/** All that is asked about one image, of a model with these weights. */
async function questions(weights: readonly Float64Array[], images: Images, options: object, queries: number) {
  const asked: Float32Array[] = [];
  const size = images.shape.slice(1) as [number, number, number];
  await runAttack(simba, {
    ...leaving(1, wide),
    images,
    limit: limitOf(wide, images, { pixels: 'float32' }),
    model: linear(weights, size, ({ data }) => asked.push(data.slice())),
    queries,
    options: { ...options },
  });
  return asked;
}

test('where nothing is gained each vector is tried down and up once, in an order drawn anew each sweep', async () => {
  const dead = [new Float64Array(size), new Float64Array(size)];
  const asked = await questions(dead, greys(1), { stepSize: step }, 1 + 4 * size);
  const moves = asked.slice(1).map((x) => {
    const at = x.findIndex((v) => v !== 0.5);
    expect(x.filter((v) => v !== 0.5).length).toBe(1);
    return { at, down: (x[at] as number) < 0.5 };
  });
  expect(moves.map((m) => m.down)).toEqual(moves.map((_, i) => i % 2 === 0));
  const orders = [0, 1].map((n) => moves.slice(2 * n * size, 2 * (n + 1) * size).map((m) => m.at));
  for (const order of orders) {
    expect(order.filter((_, i) => i % 2 === 0)).toEqual(order.filter((_, i) => i % 2 === 1));
    expect(new Set(order).size).toBe(size);
  }
  expect(orders[0]).not.toEqual(orders[1]);
  expect(orders[0]).not.toEqual(orders[0]?.toSorted((a, b) => a - b));
});

test('what cannot move costs no question', async () => {
  const dead = [new Float64Array(size), new Float64Array(size)];
  const black = tensor(new Float32Array(size), [1, 3, 2, 2]);
  const asked = await questions(dead, black, { stepSize: step }, 1 + size);
  for (const x of asked.slice(1)) expect(x.filter((v) => v > 0).length).toBe(1);
});
