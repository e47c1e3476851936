import { expect, test } from 'vitest';
import { tensor } from '../tensor/index.ts';
import { gaussianKernel, smoothed } from './smoothed.ts';

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
