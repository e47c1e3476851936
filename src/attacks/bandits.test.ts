import { describe, expect, test } from 'vitest';
import { climb, gained, slope } from '../../test/affine-world.ts';
import { linear } from '../../test/linear.ts';
import { randomOf, rows } from '../tensor/index.ts';
import { bandits } from './bandits.ts';

/** Of each channel, in which two by two pixels lie. */
const sums = [0, 1, 2].map((c) => slope.slice(4 * c, 4 * c + 4).reduce((sum, w) => sum + w, 0));
const dual = {
  linf: (w: Iterable<number>) => sumOf(w, Math.abs),
  l2: (w: Iterable<number>) => Math.hypot(...w),
};
const sumOf = (all: Iterable<number>, of: (v: number) => number): number =>
  [...all].reduce((sum, v) => sum + of(v), 0);

describe.for(['linf', 'l2'] as const)('in %s', (norm) => {
  const limit = { norm, epsilon: 0.1 };

  test('it comes near what an affine model allows', async () => {
    const { images, meter } = await climb(bandits, 5, limit, { queries: 1500 });
    for (const gain of await gained(images)) {
      expect(gain / (0.1 * dual[norm](slope))).toBeGreaterThan(0.97);
      expect(gain / (0.1 * dual[norm](slope))).toBeLessThan(1 + 1e-5);
    }
    expect([...meter.counts.scores.values()]).toEqual(Array.from({ length: 5 }, () => 1500));
  });

  test('pixels of one tile move alike, the best way that tiles can', async () => {
    const { images } = await climb(bandits, 2, limit, { queries: 1500, options: { tiles: 1 } });
    // A channel of an image moves by one number, of which there are four entries.
    const best = norm === 'linf' ? dual.linf(sums) : dual.l2(sums) / 2;
    for (const [image, gain] of (await gained(images)).entries()) {
      const { data } = rows(images, image, image + 1);
      for (const [i, v] of data.entries()) expect(v).toBeCloseTo(data[4 * Math.floor(i / 4)] as number, 6);
      expect(gain / (0.1 * best)).toBeGreaterThan(0.97);
      expect(gain / (0.1 * best)).toBeLessThan(1 + 1e-5);
    }
  });

  test('the first step goes along the random direction, the way that gains', async () => {
    // The image, both neighbours, and the image after the step.
    const options = { stepSize: 0.01 };
    const { images } = await climb(bandits, 6, limit, { queries: 4, options });
    const signs = new Set<number>();
    for (let image = 0; image < 6; image++) {
      const u = new Float32Array(slope.length);
      randomOf(5, 'attack/bandits').stream(`image${image}`, 'direction').fillNormal(u, 0, 1);
      const sign = Math.sign(u.reduce((sum, v, i) => sum + v * (slope[i] as number), 0));
      signs.add(sign);
      const change = rows(images, image, image + 1).data.map((v) => v - 0.5);
      const unit = norm === 'linf' ? u.map(Math.sign) : u.map((v) => v / Math.hypot(...u));
      // A corner may lose what its direction gains: then the image is the best of both.
      const kept = sign * unit.reduce((sum, v, i) => sum + v * (slope[i] as number), 0) > 0;
      for (const [i, v] of unit.entries()) expect(change[i]).toBeCloseTo(kept ? 0.01 * sign * v : 0, 6);
    }
    expect(signs.size).toBe(2);
  });
});

test('with a guess, questions lie on both sides of it: near each other, where little is explored', async () => {
  const asked: Float32Array[] = [];
  const weights = [new Float64Array(slope.length), slope];
  const model = linear(weights, [3, 2, 2], ({ data }) => asked.push(data.slice()));
  await climb(
    bandits,
    1,
    { norm: 'l2', epsilon: 0.1 },
    { model, queries: 30, options: { exploration: 1e-4 } },
  );
  const [image, above, below] = asked.slice(27) as [Float32Array, Float32Array, Float32Array];
  const away = (point: Float32Array): Float32Array => point.map((v, i) => v - (image[i] as number));
  const [a, b] = [away(above), away(below)];
  for (const [i, v] of a.entries()) expect(Math.abs(v - (b[i] as number))).toBeLessThan(1e-4);
  for (const q of [a, b]) expect(Math.hypot(...q)).toBeCloseTo(0.01, 5);
});
