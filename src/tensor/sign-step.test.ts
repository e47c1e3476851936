import { expect, test } from 'vitest';
import { project, randomOf, tensor } from './index.ts';
import { signStep } from './sign-step.ts';

/** The definition, pixel by pixel: the step, then the nearest point as `project` finds it. */
function plainly(
  x: Float32Array,
  g: Float32Array,
  size: number,
  epsilon: number,
  clean: Float32Array,
): Float32Array {
  const moved = x.map((v, i) => {
    const slope = g[i] as number;
    return (Number.isNaN(v) ? (clean[i] as number) : v) + (slope > 0 ? size : slope < 0 ? -size : 0);
  });
  project(tensor(moved, [1, moved.length]), tensor(clean, [1, clean.length]), 'linf', epsilon);
  return moved;
}

const specials = [0, -0, Number.NaN, Infinity, -Infinity, 1e-45];

// Lengths around the size of a part, odd ones too.
test.for([1, 2, 3, 7, 4095, 4096, 4097, 10001])('%i pixels step as defined, to the last bit', (length) => {
  const numbers = randomOf(3, 'sign step');
  const draw = (name: string, low: number, high: number): Float32Array => {
    const data = new Float32Array(length);
    numbers.stream(name, 'pixels', length).fillUniform(data, low, high);
    return data;
  };
  const clean = draw('clean', -0.2, 1.2).map((v) => Math.min(1, Math.max(0, v)));
  for (const epsilon of [8 / 255, 0.25, 1e-4, 1e-9, 0, Infinity]) {
    const x = Float32Array.from(clean);
    for (const [round, size] of [0.003, 0.05, -0.02, 0.2].entries()) {
      const g = draw(`gradient ${round}`, -1, 1);
      for (const [i, special] of specials.entries()) {
        if (i * 37 < length) g[i * 37] = special;
        if (round === 2 && i * 53 < length) x[i * 53] = special;
      }
      const expected = plainly(x, g, size, epsilon, clean);
      signStep(x, g, size, epsilon, clean);
      expect(x).toEqual(expected);
    }
  }
});
