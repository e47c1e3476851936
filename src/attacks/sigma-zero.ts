import { z } from 'zod';
import { margin } from '../models/index.ts';
import { adam } from './adam.ts';
import { defineAttack } from './define.ts';
import { type Descent, inDescents, type Slope } from './descents.ts';

/**
 * σ-zero: descends the margin plus a smooth count of changed entries, Σδ²/(δ² + σ) over all of them, by Adam on gradients
 * whose largest entry is 1; changes below a threshold go back to none. The threshold rises while the point fools the model
 * and falls while it does not.
 */
export const sigmaZero = defineAttack({
  name: 'sigma-zero',
  title: 'σ-zero',
  paper: 'Cinà et al. 2024, arXiv:2402.01879, algorithm 1; Adam as in the authors’ code',
  heldTo: 'adversarial-library; the fewest entries of affine models',
  access: 'gradient',
  norms: ['l0-entries', 'l0'],
  goals: ['untargeted', 'targeted', 'least-likely'],
  radius: 'minimum',
  options: z.strictObject({
    steps: z.int().min(1).default(1000).describe('gradient steps'),
    rate: z.number().positive().default(1).describe('of Adam at first; a tenth at last'),
    sigma: z.number().positive().default(0.001).describe('how smooth the count is'),
    threshold: z.number().min(0).max(1).default(0.3).describe('change below which there is none, at first'),
    thresholdStep: z.number().min(0).default(0.01).describe('what it moves by, as a share of the rate'),
  }),
  run(context) {
    const apart = context.limit.spec.norm === 'l0-entries';
    return inDescents(context, (slope) => sparse(slope, { ...context.options, apart }));
  },
});

interface Plan {
  readonly steps: number;
  readonly rate: number;
  readonly sigma: number;
  readonly threshold: number;
  readonly thresholdStep: number;
  /** Whether channels of a pixel count by themselves. */
  readonly apart: boolean;
}

const objective = margin();

function* sparse({ start, clean, shape }: Slope, { steps, rate, sigma, apart, ...plan }: Plan): Descent {
  const entries = clean.length;
  const pixels = apart ? entries : entries / shape[0];
  const point = start.slice();
  const change = start.map((s, i) => s - (clean[i] as number));
  const gradient = new Float32Array(entries);
  const squares = new Float64Array(pixels);
  const state = adam(entries);
  let threshold = plan.threshold;
  let size = rate;
  for (let step = 0; step < steps; step++) {
    const told = yield { point, objective };
    squares.fill(0);
    for (let i = 0; i < entries; i++)
      squares[i % pixels] = (squares[i % pixels] as number) + (change[i] as number) ** 2;
    let steepest = 1e-12;
    for (let i = 0; i < entries; i++) {
      const square = squares[i % pixels] as number;
      const counted = (2 * (change[i] as number) * sigma) / (pixels * (square + sigma) ** 2);
      const g = counted - (told.margin < 0 ? (told.gradient[i] as number) : 0);
      gradient[i] = g;
      steepest = Math.max(steepest, Math.abs(g));
    }
    for (let i = 0; i < entries; i++) gradient[i] = (gradient[i] as number) / steepest;
    state.step(change, gradient, size);
    size = rate * (0.1 + (0.9 * (1 + Math.cos((Math.PI * step) / steps))) / 2);
    const moved = plan.thresholdStep * size;
    threshold = Math.min(1, Math.max(0, threshold + (told.fooled ? moved : -moved)));
    squares.fill(0);
    for (let i = 0; i < entries; i++) {
      const c = clean[i] as number;
      change[i] = Math.min(1, Math.max(0, c + (change[i] as number))) - c;
      squares[i % pixels] = Math.max(squares[i % pixels] as number, Math.abs(change[i] as number));
    }
    for (let i = 0; i < entries; i++) {
      if ((squares[i % pixels] as number) < threshold) change[i] = 0;
      point[i] = (clean[i] as number) + (change[i] as number);
    }
  }
  yield { point };
}
