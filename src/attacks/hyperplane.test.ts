import { array, assert, double, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import { ontoHyperplane } from './hyperplane.ts';

const norms = ['linf', 'l2', 'l1'] as const;

function moved(x: number[], w: number[], gap: number, norm: (typeof norms)[number]): number[] {
  const out = new Float32Array(x.length);
  ontoHyperplane(Float32Array.from(x), Float32Array.from(w), gap, norm, out);
  return [...out];
}

test('the example of the reference: the box is met by one entry, the other goes on', () => {
  for (const norm of ['linf', 'l2'] as const) {
    const d = moved([0.9, 0.5], [1, 1], 0.4, norm);
    expect(d[0]).toBeCloseTo(0.1, 6);
    expect(d[1]).toBeCloseTo(0.3, 6);
  }
  expect(moved([0.9, 0.5], [1, 2], 0.4, 'l1')[1]).toBeCloseTo(0.2, 6);
});

test('a hyperplane that the box does not reach: its nearest corner', () => {
  for (const norm of norms)
    expect(moved([0.5, 0.25], [1, -1], 9, norm).map((v) => Math.round(v * 100) / 100)).toEqual([0.5, -0.25]);
});

const length = (d: readonly number[], norm: (typeof norms)[number]): number =>
  norm === 'linf'
    ? Math.max(...d.map(Math.abs))
    : norm === 'l2'
      ? Math.hypot(...d)
      : d.reduce((a, v) => a + Math.abs(v), 0);

test.for(norms)(
  'reaches the hyperplane inside the box, and no random point that does is nearer (%s)',
  (norm) => {
    const unit = double({ min: 0, max: 1, noNaN: true });
    const weight = double({ min: -2, max: 2, noNaN: true });
    const drawn = record({
      x: array(unit, { minLength: 4, maxLength: 4 }),
      w: array(weight, { minLength: 4, maxLength: 4 }),
      to: array(unit, { minLength: 4, maxLength: 4 }),
    });
    assert(
      property(drawn, ({ x, w, to }) => {
        // A point of the box says which hyperplane: so it can be reached, and is a rival.
        const rival = to.map((v, i) => v - (x[i] as number));
        const gap = rival.reduce((a, d, i) => a + d * (w[i] as number), 0);
        const d = moved(x, w, gap, norm);
        const reached = d.reduce((a, v, i) => a + v * (w[i] as number), 0);
        expect(Math.abs(reached - gap)).toBeLessThan(1e-5);
        expect(d.every((v, i) => v + (x[i] as number) > -1e-6 && v + (x[i] as number) < 1 + 1e-6)).toBe(true);
        expect(length(d, norm)).toBeLessThan(length(rival, norm) + 1e-5);
      }),
      { numRuns: 200, seed: 1 },
    );
  },
);
