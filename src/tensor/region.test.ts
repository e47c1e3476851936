import { describe, expect, test } from 'vitest';
import { type LimitSpec, limitOf, type Norm, norms, tensor } from './index.ts';

/** A grey image of one channel in a free limit. */
function grey(norm: Norm, region: LimitSpec['region'], lines: number, columns: number) {
  const shape = [1, 1, lines, columns];
  const clean = tensor(new Float32Array(lines * columns).fill(0.5), shape);
  const limit = limitOf({ norm, epsilon: 'free', ...(region && { region }) }, clean, { pixels: 'float32' });
  return {
    /** What a step makes of this image, or of the clean one. */
    stepped: (g: readonly number[], size: number, from: readonly number[] = [...clean.data]): number[] => {
      const x = tensor(Float32Array.from(from), shape);
      limit.step(x, tensor(Float32Array.from(g), shape), [size]);
      return [...x.data];
    },
    projected: (from: readonly number[]): number[] => {
      const x = tensor(Float32Array.from(from), shape);
      limit.project(x);
      return [...x.data];
    },
  };
}

/** Share of the area that a square of this side has. */
const side = (length: number, lines: number, columns: number) => ({ share: length ** 2 / (lines * columns) });
const isCount = (norm: Norm): boolean => norm.startsWith('l0');

test('a mask: the gradient counts only inside, and what was outside is taken back', () => {
  const masks = tensor(Uint8Array.of(0, 1, 1), [1, 1, 1, 3], 'uint8');
  const clean = tensor(new Float32Array(6).fill(0.5), [1, 2, 1, 3]);
  const at = (norm: Norm, size: number): number[] => {
    const limit = limitOf({ norm, epsilon: 'free', region: 'mask' }, clean, { pixels: 'float32', masks });
    const x = tensor(Float32Array.of(0.1, 0.5, 0.5, 0.5, 0.5, 0.5), clean.shape);
    limit.step(x, tensor(Float32Array.of(9, 3, 0, 9, 0, 4), clean.shape), [size]);
    return Array.from(x.data, (v) => Number(v.toFixed(6)));
  };
  expect(at('linf', 0.25)).toEqual([0.5, 0.75, 0.5, 0.5, 0.5, 0.75]);
  expect(at('l2', 0.5)).toEqual([0.5, 0.8, 0.5, 0.5, 0.5, 0.9]);
  expect(at('l1', 0.25)).toEqual([0.5, 0.5, 0.5, 0.5, 0.5, 0.75]);
  expect(at('l0', 1)).toEqual([0.5, 0.5, 0.5, 0.5, 0.5, 1]);
});

describe('a share of the area', () => {
  test('is a square of side round(√(share·H·W)), at least 1, at most the shorter side', () => {
    const changed = (share: number, lines: number, columns: number): number =>
      grey('l0', { share }, lines, columns)
        .projected(Array.from({ length: lines * columns }, () => 1))
        .filter((v) => v === 1).length;
    expect(changed(0.001, 4, 4)).toBe(1);
    expect(changed(0.25, 4, 4)).toBe(4);
    expect(changed(0.5, 4, 4)).toBe(9);
    expect(changed(1, 4, 4)).toBe(16);
    expect(changed(1, 2, 8)).toBe(4);
  });

  test('projecting keeps the square that brings the image nearest, the first in reading order of equal ones', () => {
    const { projected } = grey('linf', side(1, 1, 3), 1, 3);
    expect(projected([0.75, 0.25, 0.5])).toEqual([0.75, 0.5, 0.5]);
    expect(projected([0.75, 0.125, 0.5])).toEqual([0.5, 0.125, 0.5]);
    // Cut to the range, 3 gains 2.5² - 2² = 2.25; 0 only 0.25.
    expect(projected([0, 0.5, 3])).toEqual([0.5, 0.5, 1]);
  });

  test('the nearest within a radius of linf is not the one of the largest change', () => {
    const clean = tensor(new Float32Array(8).fill(0.5), [1, 1, 2, 4]);
    const limit = limitOf({ norm: 'linf', epsilon: 0.125, region: side(2, 2, 4) }, clean, {
      pixels: 'float32',
    });
    const x = tensor(Float32Array.of(0.9, 0.5, 0.25, 0.25, 0.5, 0.5, 0.25, 0.25), clean.shape);
    limit.project(x);
    expect([...x.data]).toEqual([0.5, 0.5, 0.375, 0.375, 0.5, 0.5, 0.375, 0.375]);
  });

  test('a change of the last bit beside a large one is kept', () => {
    const { projected } = grey('l2', side(2, 3, 3), 3, 3);
    const image = [0.5, 0.5, 0.5, 0.5, 1, 0.5, 0.5, 0.5, 0.50000006];
    expect(projected(image)).toEqual([...Float32Array.from(image)]);
  });

  test('a step takes the square of the largest dual norm', () => {
    // In the first square one slope of 4, in the last four of 2, in between 3 and 3: 4, 8, 6 for linf; 16, 16, 18.
    const g = [4, 0, 0, 3, 0, 0, 2, 2, 0, 0, 0, 0, 3, 0, 2, 2];
    const changed = (norm: Norm): number[] =>
      grey(norm, side(2, 2, 8), 2, 8)
        .stepped(g, isCount(norm) ? 4 : 0.25)
        .flatMap((v, i) => (v === 0.5 ? [] : [i]));
    expect(changed('linf')).toEqual([6, 7, 14, 15]);
    expect(changed('l2')).toEqual([3, 12]);
    expect(changed('l1')).toEqual([0]);
    expect(changed('l0')).toEqual([6, 7, 14, 15]);
    expect(changed('l0-entries')).toEqual([6, 7, 14, 15]);
  });

  test('for l1 what cannot move does not count', () => {
    const { stepped } = grey('l1', side(1, 1, 3), 1, 3);
    expect(stepped([1, 2, 3], 0.25)).toEqual([0.5, 0.5, 0.75]);
    const clean = tensor(Float32Array.of(0.5, 0.5, 1), [1, 1, 1, 3]);
    const limit = limitOf({ norm: 'l1', epsilon: 'free', region: { share: 0.1 } }, clean, {
      pixels: 'float32',
    });
    const x = tensor(clean.data.slice(), clean.shape);
    limit.step(x, tensor(Float32Array.of(1, 2, 3), clean.shape), [0.25]);
    expect([...x.data]).toEqual([0.5, 0.75, 1]);
  });

  test('later steps stay with the changes so far, in the best square that holds them', () => {
    for (const norm of norms) {
      const { stepped } = grey(norm, side(2, 2, 5), 2, 5);
      const from = [0.5, 0.5, 0.75, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5];
      const x = stepped([0, 1, 0, 2, 9, 0, 0, 0, 0, 0], isCount(norm) ? 1 : 0.25, from);
      expect(x).toEqual([0.5, 0.5, 0.75, isCount(norm) ? 1 : 0.75, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]);
    }
  });

  test('an image outside is first brought into the square that a projection keeps', () => {
    const { stepped } = grey('linf', side(1, 1, 3), 1, 3);
    expect(stepped([0, 1, 9], -0.25, [0.5, 1, 0.75])).toEqual([0.5, 0.75, 0.5]);
  });
});
