import { expect, test } from 'vitest';
import { tensor } from '../tensor/index.ts';
import { gaussianKernel, rootGaussianKernel, smoothed } from './smoothed.ts';

test('the kernel has the densities of the normal from -3 to 3, and sums to 1', () => {
  const kernel = gaussianKernel(15);
  expect(kernel.reduce((a, k) => a + k, 0)).toBeCloseTo(1, 12);
  expect((kernel[7] as number) / (kernel[0] as number)).toBeCloseTo(Math.exp(4.5), 9);
  expect(kernel.toReversed()).toEqual(kernel);
  expect(gaussianKernel(1)).toEqual(Float64Array.of(1));
});

test('each plane is convolved alone, with zeros beyond the border', () => {
  const kernel = gaussianKernel(3);
  const [side, middle] = [kernel[0] as number, kernel[1] as number];
  // Two rows of one image each of two channels of 2x3: a one in a corner of the second channel.
  const gradient = tensor(new Float32Array(24), [2, 2, 2, 3]);
  gradient.data[6] = 1;
  smoothed(kernel)(gradient, 0);
  const expected = [middle ** 2, middle * side, 0, side * middle, side ** 2, 0];
  expect([...gradient.data].map((v) => Math.fround(v))).toEqual(
    [...Array(6).fill(0), ...expected, ...Array(12).fill(0)].map(Math.fround),
  );
});

test('a kernel of one changes nothing, to the bit', () => {
  const gradient = tensor(Float32Array.of(0.1, -3, Number.NaN, 0), [1, 1, 2, 2]);
  const before = gradient.data.slice();
  smoothed(gaussianKernel(1))(gradient, 0);
  expect(gradient.data).toEqual(before);
});

test("toshi-k's kernel has the roots of the normal's masses in its bins, and sums to 1", () => {
  // Bins of 2.5/7 deviations each, from -1.25 on, and their masses from a table of the normal.
  const kernel = rootGaussianKernel(7, 0.75);
  const to = [0.10565, 0.18598, 0.29611, 0.42914, 0.57086, 0.70389, 0.81402, 0.89435];
  const roots = to.slice(1).map((p, i) => Math.sqrt(p - (to[i] as number)));
  const sum = roots.reduce((a, r) => a + r, 0);
  for (const [i, k] of kernel.entries()) expect(k).toBeCloseTo((roots[i] as number) / sum, 4);
  expect(kernel.reduce((a, k) => a + k, 0)).toBeCloseTo(1, 12);
  for (const i of [0, 1, 2]) expect(kernel[i]).toBeCloseTo(kernel[6 - i] as number, 12);
});

test("the wider toshi-k's kernel spans, the narrower it is, and at 1000 it changes nothing", () => {
  const middles = [2, 4, 8, 12].map((spread) => rootGaussianKernel(7, spread)[3] as number);
  expect(middles).toEqual(middles.toSorted((a, b) => a - b));
  expect([...rootGaussianKernel(7, 1000)]).toEqual([0, 0, 0, 1, 0, 0, 0]);
});
