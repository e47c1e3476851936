import { expect, test } from 'vitest';
import { inverseDct } from './dct.ts';
import { lengthOf } from './norms.ts';
import { randomOf } from './random.ts';

const [height, width] = [5, 7];

function unit(k: number, l: number): Float64Array {
  const coefficients = new Float64Array(height * width);
  coefficients[k * width + l] = 1;
  return inverseDct(coefficients, height, width);
}

/** What the definition says, of one coefficient. */
function wave(k: number, n: number, i: number): number {
  return Math.sqrt((k === 0 ? 1 : 2) / n) * Math.cos((Math.PI * (2 * i + 1) * k) / (2 * n));
}

test('a coefficient gives the product of two waves, down and across', () => {
  for (let k = 0; k < height; k++)
    for (let l = 0; l < width; l++)
      for (const [at, v] of unit(k, l).entries())
        expect(v).toBeCloseTo(wave(k, height, Math.floor(at / width)) * wave(l, width, at % width), 14);
});

test('it keeps angles and lengths, and adds what its coefficients give', () => {
  const coefficients = new Float64Array(height * width);
  const numbers = randomOf(1, 'test').stream('', 'dct');
  for (let i = 0; i < coefficients.length; i++) coefficients[i] = numbers.normal();
  const image = inverseDct(coefficients, height, width);
  expect(lengthOf(image, 'l2')).toBeCloseTo(lengthOf(coefficients, 'l2'), 12);
  for (let k = 0; k < height; k++)
    for (let l = 0; l < width; l++) {
      const product = unit(k, l).reduce((sum, v, i) => sum + v * (image[i] as number), 0);
      expect(product).toBeCloseTo(coefficients[k * width + l] as number, 12);
    }
});

test('an image of one row or column is a transform of one dimension', () => {
  const line = Float64Array.of(0.3, -1, 0.5);
  const down = inverseDct(line, 3, 1);
  for (const [i, v] of inverseDct(line, 1, 3).entries()) {
    expect(v).toBeCloseTo(
      line.reduce((sum, c, k) => sum + c * wave(k, 3, i), 0),
      14,
    );
    expect(down[i]).toBeCloseTo(v, 14);
  }
});

test('as many coefficients as pixels', () => {
  expect(() => inverseDct(new Float64Array(5), 2, 3)).toThrow('5 coefficients are not 2 x 3');
});
