import { describe, expect, test } from 'vitest';
import { contains } from './balls.ts';
import { distances, type Norm, norms, project, randomOf, type Tensor, tensor } from './index.ts';

const random = randomOf(7, 'balls');

function row(...values: number[]): Tensor {
  return tensor(Float32Array.from(values), [1, values.length]);
}

function call(epsilon: number | number[], shape = [1, 1]) {
  return () => project(row(0.1), tensor(Float32Array.of(0.1), shape), 'l2', epsilon);
}

/** The nearest point by a slow search for the multiplier, in float64: the formulas of Lagrange, nothing shared. */
function reference(v: number[], c: number[], norm: 'l2' | 'l1', radius: number): number[] {
  const at = (m: number) =>
    v.map((d, i) => {
      const shrunk = norm === 'l2' ? d / (1 + m) : Math.sign(d) * Math.max(0, Math.abs(d) - m);
      return Math.min(Math.max(shrunk, -(c[i] as number)), 1 - (c[i] as number));
    });
  const size = (delta: number[]) =>
    norm === 'l2' ? Math.hypot(...delta) : delta.reduce((sum, d) => sum + Math.abs(d), 0);
  let low = 0;
  let high = 1e9;
  if (size(at(0)) <= radius) return at(0);
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (size(at(middle)) > radius) low = middle;
    else high = middle;
  }
  return at(high);
}

describe('project', () => {
  test('l2 and l1 give the worked example, where ball then box would give less', () => {
    const centre = row(0.9, 0.5);
    const l2 = row(1.3, 0.8);
    project(l2, centre, 'l2', 0.3);
    expect(l2.data[0]).toBeCloseTo(1, 6);
    expect(l2.data[1]).toBeCloseTo(0.5 + Math.sqrt(0.08), 6);
    const l1 = row(1.3, 0.8);
    project(l1, centre, 'l1', 0.3);
    expect(l1.data[0]).toBeCloseTo(1, 6);
    expect(l1.data[1]).toBeCloseTo(0.7, 6);
  });

  test.for(['l2', 'l1'] as const)('%s agrees with a search in float64', (norm) => {
    for (let trial = 0; trial < 300; trial++) {
      const s = random.stream(norm, 'reference', trial);
      const size = 1 + s.integer(40);
      const centre = tensor(new Float32Array(size), [1, size]);
      const images = tensor(new Float32Array(size), [1, size]);
      s.fillUniform(centre.data, 0, 1);
      if (trial % 3 === 0) for (let i = 0; i < size; i += 2) centre.data[i] = s.integer(2);
      s.fillNormal(images.data, 0, 10 ** (2 * s.uniform() - 1.5));
      for (let i = 0; i < size; i++) images.data[i] = (images.data[i] ?? 0) + (centre.data[i] ?? 0);
      const radius = 3 * s.uniform() ** 3;
      const v = Array.from(images.data, (x, i) => x - (centre.data[i] ?? 0));
      const expected = reference(v, [...centre.data], norm, radius);
      project(images, centre, norm, radius);
      for (let i = 0; i < size; i++)
        expect(Math.abs((images.data[i] ?? 0) - (centre.data[i] ?? 0) - (expected[i] ?? 0))).toBeLessThan(
          2e-7,
        );
    }
  });

  test.for([
    ['linf', 8 / 255],
    ['linf', 0.001],
    ['l2', 0.5],
    ['l2', 0.002],
    ['l1', 12],
    ['l1', 0.02],
    ['l0', 100],
    ['l0-entries', 100],
  ] as [Norm, number][])('%s %d: inside ball and box, idempotent', ([norm, epsilon]) => {
    const shape = [2, 3, 64, 64];
    const centre = tensor(new Float32Array(24576), shape);
    const images = tensor(new Float32Array(24576), shape);
    const s = random.stream(norm, 'inside');
    s.fillUniform(centre.data, -0.2, 1.2);
    s.fillNormal(images.data, 0.5, 0.5);
    for (let i = 0; i < 24576; i++) centre.data[i] = Math.min(1, Math.max(0, centre.data[i] ?? 0));
    expect(contains(images, centre, norm, epsilon)).toEqual([false, false]);
    project(images, centre, norm, epsilon);
    for (const d of distances(images, centre, norm)) {
      expect(d).toBeLessThanOrEqual(epsilon);
      expect(d).toBeGreaterThan(epsilon * 0.999);
    }
    expect(contains(images, centre, norm, epsilon)).toEqual([true, true]);
    const once = images.data.slice();
    project(images, centre, norm, epsilon);
    expect(images.data).toEqual(once);
  });

  test('linf: an epsilon of whole levels is never exceeded, wherever the float32 nearest to the end lies', () => {
    const levels = Float32Array.from({ length: 256 }, (_, level) => level / 255);
    const centre = tensor(levels, [256, 1]);
    for (let k = 1; k <= 16; k++)
      for (const sign of [-1, 1]) {
        const images = tensor(
          levels.map((x) => x + sign),
          [256, 1],
        );
        project(images, centre, 'linf', k / 255);
        for (const [i, d] of distances(images, centre, 'linf').entries()) {
          expect(d).toBeLessThanOrEqual(k / 255);
          expect(d).toBeGreaterThanOrEqual(Math.min(k, sign > 0 ? 255 - i : i) / 255 - 2 ** -23);
        }
      }
  });

  test('what is inside stays as it is, to the bit', () => {
    const centre = row(0, 0.3, 1, 0.62);
    for (const norm of norms) {
      const images = row(0.01, 0.29, 1, 0.625);
      project(images, centre, norm, norm.startsWith('l0') ? 3 : 0.1);
      expect([...images.data]).toEqual([...row(0.01, 0.29, 1, 0.625).data]);
    }
  });

  test('l0 keeps pixels, all channels together; l0-entries the entries one by one', () => {
    const centre = tensor(new Float32Array(6).fill(0.5), [1, 2, 1, 3]);
    const changed = [0.75, 0.875, 0.5, 0.75, 0.5, 0.625];
    const at = (norm: Norm, epsilon: number): number[] => {
      const images = tensor(Float32Array.from(changed), [1, 2, 1, 3]);
      project(images, centre, norm, epsilon);
      return [...images.data];
    };
    // Squares of the pixels' changes: 2/16, 9/64, 1/64.
    expect(at('l0', 1)).toEqual([0.5, 0.875, 0.5, 0.5, 0.5, 0.5]);
    expect(at('l0', 2)).toEqual([0.75, 0.875, 0.5, 0.75, 0.5, 0.5]);
    expect(at('l0', 3)).toEqual(changed);
    expect(at('l0-entries', 1)).toEqual([0.5, 0.875, 0.5, 0.5, 0.5, 0.5]);
    expect(at('l0-entries', 2)).toEqual([0.75, 0.875, 0.5, 0.5, 0.5, 0.5]);
  });

  test('l0 keeps the changes that bring the result nearest, the first of equal ones', () => {
    const centre = row(0.5, 0.5, 0.5, 0.5, 0.875);
    const images = row(0.75, 0.25, 0.5, 0.625, 2.875);
    project(images, centre, 'l0', 2);
    // 2.875 is clipped to 1 and so gains 4 - 1.875^2 = 0.48, more than 0.25^2.
    expect([...images.data]).toEqual([0.75, 0.5, 0.5, 0.5, 1]);
    project(images, centre, 'l0', 0);
    expect(images.data).toEqual(centre.data);
  });

  test('epsilon 0 gives the centre, one epsilon per row is used row by row', () => {
    for (const norm of norms) {
      const centre = tensor(Float32Array.of(0.2, 0.4, 0.2, 0.4), [2, 2]);
      const images = tensor(Float32Array.of(0.9, 0.1, 0.9, 0.1), [2, 2]);
      project(images, centre, norm, [0, 9]);
      expect(images.data).toEqual(Float32Array.of(0.2, 0.4, 0.9, 0.1));
      expect(contains(images, centre, norm, [0, 0])).toEqual([true, false]);
    }
  });

  test('a radius below the last bit of the change is kept too', () => {
    for (const norm of ['l2', 'l1'] as const)
      for (const [value, epsilon] of [
        [0.3, 1e-16],
        [1e5, 1e-7],
        [0.7, 5e-324],
      ] as const) {
        const images = row(value, 1);
        const centre = row(0, 1);
        project(images, centre, norm, epsilon);
        expect(distances(images, centre, norm)[0]).toBeLessThanOrEqual(epsilon);
      }
  });

  test('NaN and infinities end inside, and spoil no neighbour', () => {
    for (const norm of norms)
      for (const epsilon of norm.startsWith('l0') ? [1, 2] : [0.01, 2]) {
        const centre = row(0.2, 0.4, 0.5, 0.6);
        const images = row(Number.NaN, 0.45, Infinity, -Infinity);
        expect(contains(images, centre, norm, epsilon)).toEqual([false]);
        project(images, centre, norm, epsilon);
        expect(contains(images, centre, norm, epsilon)).toEqual([true]);
        expect(images.data[0]).toBe(centre.data[0]);
      }
  });

  test('l0: what is kept stays to the bit', () => {
    const images = row(6e-16, 0.5);
    project(images, row(0.9, 0.6), 'l0', 1);
    expect(images.data).toEqual(row(6e-16, 0.6).data);
  });

  test('refuses other shapes and what is no radius', () => {
    expect(call(-1)).toThrow(new RangeError('epsilon -1 is not a radius'));
    expect(call(Number.NaN)).toThrow(RangeError);
    expect(call([1, 2])).toThrow(new RangeError('2 epsilons for 1 rows'));
    expect(call(1, [1])).toThrow(new RangeError('float32 [1, 1] cannot be compared with float32 [1]'));
  });
});

describe('distances', () => {
  test('each norm, row by row', () => {
    const a = tensor(Float32Array.of(0.5, 1, 0, 0.25), [2, 2]);
    const b = tensor(Float32Array.of(0.25, 0.5, 0, 0.25), [2, 2]);
    expect([...distances(a, b, 'linf')]).toEqual([0.5, 0]);
    expect([...distances(a, b, 'l2')]).toEqual([Math.sqrt(0.3125), 0]);
    expect([...distances(a, b, 'l1')]).toEqual([0.75, 0]);
    expect([...distances(a, b, 'l0')]).toEqual([2, 0]);
    expect([...distances(a, b, 'l0-entries')]).toEqual([2, 0]);
  });

  test('l0 counts a pixel once, however many of its channels differ; without channels, entries', () => {
    const change = [1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0];
    const counts = (shape: number[]): number[] =>
      (['l0', 'l0-entries'] as const).map(
        (norm) =>
          distances(tensor(Float32Array.from(change), shape), tensor(new Float32Array(12), shape), norm)[0] ??
          0,
      );
    expect(counts([1, 3, 2, 2])).toEqual([2, 3]);
    expect(counts([1, 6, 2, 1])).toEqual([2, 3]);
    expect(counts([1, 3, 4])).toEqual([2, 3]);
    expect(counts([1, 12])).toEqual([3, 3]);
  });

  test('8-bit images are measured in units of [0,1]', () => {
    const a = tensor(Uint8Array.of(255, 0), [1, 2], 'uint8');
    const b = tensor(Uint8Array.of(0, 0), [1, 2], 'uint8');
    for (const norm of norms) expect([...distances(a, b, norm)]).toEqual([1]);
    const c = tensor(Uint8Array.of(8, 3), [1, 2], 'uint8');
    expect([...distances(c, b, 'linf')]).toEqual([8 / 255]);
  });

  test('many small terms add up in float64', () => {
    const n = 1 << 20;
    const a = tensor(new Float32Array(n).fill(0.1), [1, n]);
    expect(distances(a, tensor(new Float32Array(n), [1, n]), 'l1')[0]).toBeCloseTo(n * Math.fround(0.1), 6);
  });

  test('the border of contains is its tolerance, and the pixel box has none', () => {
    const centre = row(0.5);
    expect(contains(row(0.6), centre, 'linf', 0.1)).toEqual([true]);
    expect(contains(row(0.600005), centre, 'linf', 0.1)).toEqual([true]);
    expect(contains(row(0.60002), centre, 'linf', 0.1)).toEqual([false]);
    expect(contains(row(0.60002), centre, 'linf', 0.1, 1e-3)).toEqual([true]);
    expect(contains(row(1.0000001), centre, 'linf', 1)).toEqual([false]);
    expect(contains(row(-1e-9), centre, 'linf', 1)).toEqual([false]);
  });
});
