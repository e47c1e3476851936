import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Images,
  type Limit,
  type LimitSpec,
  limitOf,
  type Norm,
  norms,
  type Pixels,
  randomOf,
  type Tensor,
  takeRows,
  tensor,
} from './index.ts';

type Kind = readonly [norm: Norm, region: 'all' | 'mask' | 'share', radius: 'fixed' | 'free'];

const kinds: readonly Kind[] = norms.flatMap((norm) =>
  (['all', 'mask', 'share'] as const).flatMap((region) =>
    (['fixed', 'free'] as const).map((radius): Kind => [norm, region, radius]),
  ),
);

interface World {
  spec: LimitSpec;
  pixels: Pixels;
  clean: Images;
  masks: Tensor<'uint8'>;
  images: Images;
  gradient: Images;
  sizes: number[];
}

const counts = (norm: Norm): boolean => norm.startsWith('l0');
const special = fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, -0, 1, 1e-40, 1e30, -1e30);
const level = fc.oneof({ weight: 3, arbitrary: fc.nat(255) }, fc.constantFrom(0, 255));

/** Tiny images and all that is asked of a limit about them. @param wild with NaN, infinities and the like */
function worlds([norm, region, radius]: Kind, wild: boolean, judged?: Pixels): fc.Arbitrary<World> {
  const floats = (min: number, max: number, size: number) => {
    const plain = fc.float({ min, max, noNaN: true });
    const value = wild ? fc.oneof({ weight: 9, arbitrary: plain }, special) : plain;
    return fc.array(value, { minLength: size, maxLength: size });
  };
  const epsilon = counts(norm)
    ? fc.integer({ min: 1, max: 6 })
    : fc.double({ min: 1e-3, max: { linf: 1, l2: 2, l1: 4 }[norm as 'linf'], noNaN: true });
  const length = counts(norm) ? fc.integer({ min: -3, max: 6 }) : fc.double({ min: -2, max: 2, noNaN: true });
  const shape = fc.tuple(...[3, 3, 4, 4].map((max) => fc.integer({ min: 1, max })));
  return shape.chain(([count = 1, channels = 1, height = 1, width = 1]) => {
    const [all, area] = [[count, channels, height, width], height * width];
    const size = count * channels * area;
    const list = <T>(value: fc.Arbitrary<T>, length: number) =>
      fc.array(value, { minLength: length, maxLength: length });
    return fc
      .record({
        epsilon: radius === 'free' ? fc.constant('free' as const) : epsilon,
        share: fc.double({ min: 0.01, max: 1, noNaN: true }),
        pixels: judged === undefined ? fc.constantFrom<Pixels>('8-bit', 'float32') : fc.constant(judged),
        clean: list(level, size),
        masks: list(fc.nat(1), count * area),
        open: list(fc.nat(area - 1), count),
        images: floats(-0.5, 1.5, size),
        gradient: floats(-3, 3, size),
        sizes: list(fc.oneof(length, fc.constant(counts(norm) ? 2 : 0.5)), count),
      })
      .map((drawn): World => {
        for (const [row, p] of drawn.open.entries()) drawn.masks[row * area + p] = 1;
        const clean = drawn.clean.map((l, i) =>
          drawn.pixels === '8-bit' ? l / 255 : (l / 255) * (1 - (i % 3) / 9),
        );
        return {
          spec: {
            norm,
            epsilon: drawn.epsilon,
            ...(region === 'mask'
              ? { region }
              : region === 'share'
                ? { region: { share: drawn.share } }
                : {}),
          },
          pixels: drawn.pixels,
          clean: tensor(Float32Array.from(clean), all),
          masks: tensor(Uint8Array.from(drawn.masks), [count, 1, height, width], 'uint8'),
          images: tensor(Float32Array.from(drawn.images), all),
          gradient: tensor(Float32Array.from(drawn.gradient), all),
          sizes: drawn.sizes,
        };
      });
  });
}

const limitIn = ({ spec, clean, pixels, masks }: World): Limit => limitOf(spec, clean, { pixels, masks });

function copyOf(images: Images): Images {
  return { ...images, data: images.data.slice() };
}

function after(images: Images, change: (x: Images) => void): Images {
  const copy = copyOf(images);
  change(copy);
  return copy;
}

/** What may change together in a row: all, the mask, or each square of the image, 1 where it may. */
function openings({ spec, clean, masks }: World, row: number): number[][] {
  const [, , height = 1, width = 1] = clean.shape;
  const pixels = Array.from({ length: height * width }, (_, p) => p);
  if (spec.region === undefined) return [pixels.map(() => 1)];
  if (spec.region === 'mask') return [pixels.map((p) => masks.data[row * pixels.length + p] as number)];
  const wished = Math.round(Math.sqrt(spec.region.share * height * width));
  const side = Math.min(Math.max(1, wished), height, width);
  return pixels.flatMap((corner) => {
    const [top, left] = [Math.floor(corner / width), corner % width];
    if (top + side > height || left + side > width) return [];
    const within = (v: number, from: number): boolean => v >= from && v < from + side;
    return [pixels.map((p) => (within(Math.floor(p / width), top) && within(p % width, left) ? 1 : 0))];
  });
}

/** The norm, by its definition. */
function sizeOf(delta: readonly number[], norm: Norm, area: number): number {
  const absolute = delta.map(Math.abs);
  if (norm === 'linf') return Math.max(...absolute);
  if (norm === 'l2') return Math.sqrt(absolute.reduce((sum, d) => sum + d * d, 0));
  if (norm === 'l1') return absolute.reduce((sum, d) => sum + d, 0);
  return new Set(delta.flatMap((d, i) => (d === 0 ? [] : [norm === 'l0' ? i % area : i]))).size;
}

function rowOf(images: Images, row: number): number[] {
  return [...takeRows(images, [row]).data];
}

/** @param slack of the radius: rounding to 8 bits knows it to a millionth of a level */
function expectInside(world: World, x: Images, slack = 0): void {
  const { spec, clean } = world;
  const [count = 1, , height = 1, width = 1] = clean.shape;
  for (let row = 0; row < count; row++) {
    const c = rowOf(clean, row);
    const y = rowOf(x, row);
    expect(y.filter((v) => !(v >= 0 && v <= 1))).toEqual([]);
    const delta = y.map((v, i) => v - (c[i] as number));
    const radius = spec.epsilon === 'free' ? Infinity : spec.epsilon;
    expect(sizeOf(delta, spec.norm, height * width)).toBeLessThanOrEqual(radius + slack);
    const held = openings(world, row).some((open) =>
      delta.every((d, i) => d === 0 || open[i % open.length] === 1),
    );
    expect(held).toBe(true);
  }
}

/** Points of the limit in a row: anywhere, on the way to the image, and around the point found. */
function* feasible(world: World, row: number, open: readonly number[], found: readonly number[]) {
  const { spec, clean, images } = world;
  const [c, x, area] = [rowOf(clean, row), rowOf(images, row), open.length];
  const random = randomOf(1, 'limit').stream(String(row), 'candidates');
  const cut = (d: number, i: number): number =>
    open[i % area] === 0 ? 0 : Math.min(Math.max(d, -(c[i] as number)), 1 - (c[i] as number));
  for (let trial = 0; trial < 60; trial++) {
    const spread = 10 ** (-4 * random.uniform());
    const share = random.uniform();
    const delta = c.map((centre, i) => {
      if (trial % 3 === 0) return cut(random.uniform() - centre, i);
      if (trial % 3 === 1) return cut(((x[i] as number) - centre) * share + spread * random.normal(), i);
      return cut((found[i] as number) - centre + spread * random.normal(), i);
    });
    if (spec.epsilon === 'free') yield delta;
    else if (spec.norm === 'linf')
      yield delta.map((d) => Math.min(Math.max(d, -Number(spec.epsilon)), Number(spec.epsilon)));
    else if (counts(spec.norm)) {
      const group = spec.norm === 'l0' ? area : c.length;
      const kept = new Set(random.permutation(group).subarray(0, spec.epsilon));
      yield delta.map((d, i) => (kept.has(i % group) ? d : 0));
    } else {
      const factor = Math.min(1, spec.epsilon / sizeOf(delta, spec.norm, area));
      yield delta.map((d) => d * factor);
    }
  }
}

/** Within a radius of l2, l1 and l0 one square is looked at: that which keeps most of the change cut to the range. */
function considered(world: World, row: number): number[][] {
  const all = openings(world, row);
  if (world.spec.epsilon === 'free' || world.spec.norm === 'linf') return all;
  const [c, x] = [rowOf(world.clean, row), rowOf(world.images, row)];
  const kept = (open: readonly number[]): number =>
    x.reduce((sum, value, i) => {
      const change = value - (c[i] as number);
      const delta = Math.min(Math.max(value, 0), 1) - (c[i] as number);
      return open[i % open.length] === 0 ? sum : sum + change ** 2 - (change - delta) ** 2;
    }, 0);
  const most = Math.max(...all.map(kept));
  return [all.find((open) => kept(open) >= most - 1e-9) as number[]];
}

/** Shrinking through lists that depend on one another takes minutes; the images are tiny as they are. */
const runs = { numRuns: 20, seed: 1, endOnFailure: true };

describe.for(kinds)('%s, %s, %s', (kind) => {
  const [norm] = kind;

  test('projecting and judging lead inside, and what is inside stays to the bit', () => {
    fc.assert(
      fc.property(worlds(kind, true), (world) => {
        const limit = limitIn(world);
        const before = copyOf(world.images);
        const projected = after(world.images, (x) => limit.project(x));
        expectInside(world, projected);
        expect([...limit.outside(projected)]).toEqual(world.sizes.map(() => 0));
        expect(after(projected, (x) => limit.project(x))).toEqual(projected);
        const judged = limit.judged(world.images);
        expect(world.images).toEqual(before);
        const rounded = judged.data.map((v) => Math.round(v * 255) / 255);
        expect(judged.data).toEqual(world.pixels === 'float32' ? projected.data : rounded);
        expectInside(world, judged, world.pixels === 'float32' ? 0 : 1e-7);
        expect(limit.judged(judged)).toEqual(judged);
        expect([...limit.outside(judged)]).toEqual(world.sizes.map(() => 0));
      }),
      runs,
    );
  });

  test('no point of the limit is nearer', () => {
    fc.assert(
      fc.property(worlds(kind, false, 'float32'), (world) => {
        const projected = after(world.images, (x) => limitIn(world).project(x));
        for (let row = 0; row < world.sizes.length; row++) {
          const [c, x, found] = [world.clean, world.images, projected].map((t) => rowOf(t, row)) as [
            number[],
            number[],
            number[],
          ];
          const off = (delta: readonly number[]): number =>
            Math.sqrt(delta.reduce((sum, d, i) => sum + ((c[i] as number) + d - (x[i] as number)) ** 2, 0));
          const reached = off(found.map((v, i) => v - (c[i] as number)));
          for (const open of considered(world, row))
            for (const delta of feasible(world, row, open, found))
              expect(off(delta)).toBeGreaterThanOrEqual(reached - 1e-6);
        }
      }),
      runs,
    );
  });

  test('a step ends inside, and one without a slope stays', () => {
    fc.assert(
      fc.property(worlds(kind, true), fc.integer({ min: 1, max: 5 }), (world, entries) => {
        const limit = limitIn(world);
        const x = after(world.images, (x) => limit.step(x, world.gradient, world.sizes, { entries }));
        expectInside(world, x);
        expect(after(x, (y) => limit.project(y))).toEqual(x);
        const flat = { ...x, data: x.data.map((_, i) => (i % 2 === 0 ? Number.NaN : 0)) };
        expect(after(x, (y) => limit.step(y, flat, world.sizes, { entries }))).toEqual(x);
      }),
      runs,
    );
  });

  test('where nothing binds, a step raises the linear function by its length times the dual norm', () => {
    fc.assert(
      fc.property(worlds(kind, false, 'float32'), (drawn) => {
        const area = drawn.masks.data.length / drawn.sizes.length;
        const wide = { linf: 0.5, l2: 20, l1: 100, l0: area, 'l0-entries': 3 * area }[norm];
        const world: World = {
          ...drawn,
          clean: { ...drawn.clean, data: drawn.clean.data.map(() => 0.5) },
          spec: { ...drawn.spec, epsilon: drawn.spec.epsilon === 'free' ? 'free' : wide },
        };
        const step = counts(norm) ? 3 * area : 0.01;
        for (const size of [step, -step]) {
          const x = after(world.clean, (y) =>
            limitIn(world).step(
              y,
              world.gradient,
              drawn.sizes.map(() => size),
            ),
          );
          for (let row = 0; row < drawn.sizes.length; row++) {
            const g = rowOf(world.gradient, row);
            const rise = g.reduce((sum, slope, i) => sum + slope * ((rowOf(x, row)[i] as number) - 0.5), 0);
            const duals = openings(world, row).map((open) => {
              const inside = g.map((slope, i) => slope * (open[i % open.length] as number));
              if (norm === 'l2') return sizeOf(inside, 'l2', area);
              if (norm === 'l1') return sizeOf(inside, 'linf', area);
              // Counts move all pixels here, each by its room of a half.
              return sizeOf(inside, 'l1', area) * (counts(norm) ? 0.5 / step : 1);
            });
            const expected = size * Math.max(...duals);
            expect(Math.abs(rise - expected)).toBeLessThanOrEqual(1e-4 * Math.abs(expected) + 1e-6);
          }
        }
      }),
      runs,
    );
  });

  test('rows are as though they were alone, whichever are taken and however wide', () => {
    fc.assert(
      fc.property(worlds(kind, true), fc.array(fc.nat(2), { minLength: 1, maxLength: 5 }), (world, drawn) => {
        const picked = drawn.map((row) => row % world.sizes.length);
        const radii = world.sizes.map(
          (_, row) => (world.spec.epsilon === 'free' ? 1 : row + 1) / (norm === 'linf' ? 4 : 1),
        );
        const limit = limitIn(world);
        const results = (l: Limit, rows: readonly number[]) => {
          const [images, gradient] = [takeRows(world.images, rows), takeRows(world.gradient, rows)];
          const sizes = rows.map((row) => world.sizes[row] as number);
          const moved = after(images, (x) => l.step(x, gradient, sizes, { entries: 2 }));
          const judged = l.judged(images);
          return [after(images, (x) => l.project(x)), moved, judged].map((t) => ({
            ...t,
            distance: [...l.distance(t)],
            outside: [...l.outside(images)],
            radii: [...l.radii],
          }));
        };
        const alone = (row: number, epsilon: LimitSpec['epsilon']): Limit =>
          limitIn({
            ...world,
            spec: { ...world.spec, epsilon },
            clean: takeRows(world.clean, [row]),
            masks: takeRows(world.masks, [row]),
          });
        const together = [
          [limit.take(picked), () => world.spec.epsilon],
          [limit.within(radii).take(picked), (row: number) => radii[row] as number],
          [
            limit.take(picked).within(picked.map((row) => radii[row] as number)),
            (row: number) => radii[row] as number,
          ],
        ] as const;
        for (const [taken, epsilonOf] of together)
          for (const [i, row] of picked.entries())
            expect(results(taken, picked).map((t) => one(t, i))).toEqual(
              results(alone(row, epsilonOf(row)), [row]).map((t) => one(t, 0)),
            );
      }),
      { ...runs, numRuns: 15 },
    );
  });

  test('NaN counts as the clean pixel, and as no slope', () => {
    fc.assert(
      fc.property(worlds(kind, true), (world) => {
        const limit = limitIn(world);
        const mended = (t: Images, other: Images): Images => ({
          ...t,
          data: t.data.map((v, i) => (Number.isNaN(v) ? (other.data[i] as number) : v)),
        });
        const images = mended(world.images, world.clean);
        const gradient = mended(world.gradient, tensor(new Float32Array(images.data.length), images.shape));
        expect(limit.judged(images)).toEqual(limit.judged(world.images));
        expect(after(world.images, (x) => limit.step(x, world.gradient, world.sizes))).toEqual(
          after(images, (x) => limit.step(x, gradient, world.sizes)),
        );
      }),
      runs,
    );
  });
});

/** A row of what was measured together. */
function one(t: Images & { distance: number[]; outside: number[]; radii: number[] }, row: number) {
  return [rowOf(t, row), t.distance[row], t.outside[row], t.radii[row]];
}
