import { expect, test } from 'vitest';
import { source } from '../tensor/index.ts';
import { signStep } from './sign-step.ts';

/** The definition, pixel by pixel. */
function plainly(x: number, g: number, size: number, epsilon: number, clean: number): number {
  const moved = x + (g > 0 ? size : g < 0 ? -size : 0);
  return Math.fround(Math.min(Math.max(moved, Math.max(clean - epsilon, 0)), Math.min(clean + epsilon, 1)));
}

// Lengths around the size of a part, odd ones too.
test.for([1, 2, 7, 4095, 4096, 4097, 10001])('%i pixels step as defined, to the last bit', (length) => {
  const numbers = source(3, 'sign step');
  const draw = (name: string, low: number, high: number): Float32Array => {
    const data = new Float32Array(length);
    numbers.stream(name, 'pixels', length).fillUniform(data, low, high);
    return data;
  };
  const clean = draw('clean', -0.2, 1.2).map((v) => Math.min(1, Math.max(0, v)));
  const x = Float32Array.from(clean);
  for (const [round, size] of [0.003, 0.05, -0.02, 0.2].entries()) {
    const g = draw(`gradient ${round}`, -1, 1);
    for (const [i, special] of [0, -0, Number.NaN, Infinity, -Infinity, 1e-45].entries())
      if (i < length) g[(i * 37) % length] = special;
    const expected = x.map((v, i) => plainly(v, g[i] as number, size, 8 / 255, clean[i] as number));
    signStep(x, g, size, 8 / 255, clean);
    expect(x).toEqual(expected);
  }
});
