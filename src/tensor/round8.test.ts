import { describe, expect, test } from 'vitest';
import { distances, type Norm, project, randomOf, type Tensor, tensor, toFloat, toUint8 } from './index.ts';
import { roundInside } from './round8.ts';

const allLevels = tensor(
  Uint8Array.from({ length: 256 }, (_, level) => level),
  [256],
  'uint8',
);

/** Random 8-bit images, many entries at 0 and 255. */
function cleanImages(seed: string): Tensor<'uint8'> {
  const s = randomOf(3, 'round8').stream(seed, 'clean');
  const data = Uint8Array.from({ length: 6144 }, () => Math.min(255, Math.max(0, s.integer(300) - 20)));
  return tensor(data, [2, 3, 32, 32], 'uint8');
}

function disturbed(clean: Tensor<'uint8'>, sd: number): Tensor {
  const images = toFloat(clean);
  const noise = new Float32Array(images.data.length);
  randomOf(4, 'round8').stream('', 'noise').fillNormal(noise, 0, sd);
  for (let i = 0; i < noise.length; i++) images.data[i] = (images.data[i] ?? 0) + (noise[i] ?? 0);
  return images;
}

test('8 bits to float and back: every level returns, and is the float32 nearest to level / 255', () => {
  const floats = toFloat(allLevels);
  expect(toUint8(floats).data).toEqual(allLevels.data);
  floats.data.forEach((value, level) => {
    expect(value).toBe(Math.fround(level / 255));
  });
});

test('toUint8: halves up, outside to the border, NaN to 0', () => {
  const images = tensor(Float32Array.of(-1, 1.5, Number.NaN, 0.5, 1 / 512, Infinity, -Infinity), [7]);
  expect([...toUint8(images).data]).toEqual([0, 255, 0, 128, 0, 255, 0]);
});

describe('roundInside', () => {
  test('linf: every level and every whole epsilon reaches exactly clean -+ k', () => {
    for (let k = 0; k <= 16; k++) {
      const clean = toFloat(allLevels);
      for (const direction of [-1, 1]) {
        const images = tensor(
          clean.data.map((x) => x + direction),
          [256],
        );
        project(images, clean, 'linf', new Float64Array(256).fill(k / 255));
        const rounded = roundInside(images, allLevels, 'linf', new Float64Array(256).fill(k / 255));
        rounded.data.forEach((level, i) => {
          expect(level).toBe(Math.min(255, Math.max(0, i + direction * k)));
        });
      }
    }
  });

  test('linf: an epsilon between levels allows the level below', () => {
    const clean = tensor(Uint8Array.of(100), [1, 1], 'uint8');
    const images = tensor(Float32Array.of(102.49 / 255), [1, 1]);
    expect([...roundInside(images, clean, 'linf', 2.49 / 255).data]).toEqual([102]);
    expect([...roundInside(images, clean, 'linf', 1.99 / 255).data]).toEqual([101]);
  });

  test.for([
    ['l2', 0.5],
    ['l2', 0.05],
    ['l1', 5],
    ['l1', 0.5],
  ] as [Norm, number][])('%s %d: inside, and near the border where the image is at it', ([norm, epsilon]) => {
    const clean = cleanImages(norm);
    const images = disturbed(clean, 0.1);
    project(images, toFloat(clean), norm, epsilon);
    const rounded = roundInside(images, clean, norm, epsilon);
    for (const d of distances(rounded, clean, norm)) {
      expect(d).toBeLessThanOrEqual(epsilon + 1e-8);
      expect(d).toBeGreaterThan(0.75 * epsilon);
    }
    // Every level is one of the two around the image's, or nearer to the clean one.
    rounded.data.forEach((level, i) => {
      const exact = (images.data[i] ?? 0) * 255;
      const c = clean.data[i] ?? 0;
      expect(Math.abs(level - c)).toBeLessThanOrEqual(Math.ceil(Math.abs(exact - c) - 1e-4));
    });
  });

  test('l2: the largest outward rounding is the first undone', () => {
    const clean = tensor(Uint8Array.of(100, 100, 100), [1, 3], 'uint8');
    const images = tensor(Float32Array.of(102.7 / 255, 97.4 / 255, 101.55 / 255), [1, 3]);
    // Nearest: +3, -3, +2, norm sqrt(22). Outward by 0.3, 0.4, 0.45: undone in the order 3, 2, 1.
    const at = (levels: number) => [...roundInside(images, clean, 'l2', levels / 255).data];
    expect(at(Math.sqrt(22))).toEqual([103, 97, 102]);
    expect(at(Math.sqrt(19))).toEqual([103, 97, 101]);
    expect(at(Math.sqrt(18))).toEqual([103, 98, 101]);
    expect(at(3.6)).toEqual([102, 98, 101]);
  });

  test('images outside the ball still end inside', () => {
    const clean = cleanImages('outside');
    for (const norm of ['linf', 'l2', 'l1'] as const) {
      const rounded = roundInside(disturbed(clean, 1), clean, norm, 0.1);
      for (const d of distances(rounded, clean, norm)) expect(d).toBeLessThanOrEqual(0.1 + 1e-8);
    }
  });

  test('l0: what was not changed stays, NaN is the clean level', () => {
    const clean = cleanImages('l0');
    const images = disturbed(clean, 0.3);
    project(images, toFloat(clean), 'l0', 40);
    images.data[5] = Number.NaN;
    const rounded = roundInside(images, clean, 'l0', 40);
    expect(rounded.data[5]).toBe(clean.data[5]);
    for (const d of distances(rounded, clean, 'l0')) expect(d).toBeLessThanOrEqual(40);
    expect(distances(rounded, clean, 'l0')[1]).toBeGreaterThan(35);
  });

  test('refuses images of another shape', () => {
    expect(() => roundInside(tensor(new Float32Array(2), [2, 1]), allLevels, 'l2', 1)).toThrow(
      new RangeError('[2, 1] are not images of [256]'),
    );
  });
});
