import { z } from 'zod';
import { margin } from '../models/index.ts';
import { type Images, isCount, type Limit, lengthOf, type Norm, shrinkL1, tensor } from '../tensor/index.ts';
import { defineAttack } from './define.ts';
import { type Descent, inDescents, type Slope } from './descents.ts';

/**
 * Fast minimum norm: steps of falling length up the margin, each projected onto a ball whose radius falls while the point
 * fools the model and grows while it does not. Before the first find the radius is what the gradient says; never is it more
 * than that of the nearest find. A find survives rounding, for what is asked is the image as it will be judged.
 */
export const fmn = defineAttack({
  name: 'fmn',
  title: 'Fast minimum norm',
  paper: 'Pintor et al. 2021, arXiv:2102.12827, algorithm 1',
  heldTo: 'adversarial-library; the nearest point of affine models',
  access: 'gradient',
  norms: ['linf', 'l2', 'l1', 'l0', 'l0-entries'],
  goals: ['untargeted', 'targeted', 'least-likely'],
  radius: 'minimum',
  options: z.strictObject({
    steps: z.int().min(1).default(100).describe('gradient steps'),
    stepSize: z
      .number()
      .positive()
      .optional()
      .describe('of the first step, in l2 and pixel units; 1 by default, 10 in linf'),
    gamma: z.number().gt(0).lt(1).default(0.05).describe('by what share the radius changes at first'),
    lastGamma: z.number().gt(0).lt(1).default(0.001).describe('and at last'),
  }),
  run(context) {
    const { limit, options } = context;
    const { norm } = limit.spec;
    const first = options.stepSize ?? (norm === 'linf' ? 10 : 1);
    return inDescents(context, (slope) =>
      shrinking(slope, { norm, limit: limit.take([slope.row]), first, ...options }),
    );
  },
});

interface Plan {
  readonly norm: Norm;
  /** Of the image alone. */
  readonly limit: Limit;
  readonly steps: number;
  readonly first: number;
  readonly gamma: number;
  readonly lastGamma: number;
}

const objective = margin();

function* shrinking(slope: Slope, { norm, limit, steps, first, gamma, lastGamma }: Plan): Descent {
  const { clean, start, shape } = slope;
  const point = start.slice();
  const image = (data: Float32Array): Images => tensor(data, [1, ...shape]);
  const sizeOf = (x: Float32Array): number => limit.distance(image(x))[0] as number;
  const ontoBall = (x: Float32Array): void => {
    // In l1 the nearest point of ball and pixel range at once lies further out than the algorithm's.
    if (norm === 'l1') {
      const change = Float64Array.from(x, (v, i) => v - (clean[i] as number));
      shrinkL1(change, radius);
      for (let i = 0; i < x.length; i++) x[i] = (clean[i] as number) + (change[i] as number);
    }
    limit.within([radius]).project(image(x));
  };
  const widest = sizeOf(clean.map((c) => (c < 0.5 ? 1 : 0)));
  let radius = isCount(norm) ? 1 : Number.POSITIVE_INFINITY;
  for (let step = 0; step < steps; step++) {
    const cosine = (1 + Math.cos((Math.PI * step) / steps)) / 2;
    const share = lastGamma + (gamma - lastGamma) * cosine;
    const told = yield { point, objective };
    const nearest = slope.nearest();
    if (isCount(norm))
      radius = told.fooled
        ? Math.max(0, Math.min(radius - 1, Math.floor(radius * (1 - share)), nearest))
        : Math.max(radius + 1, Math.floor(radius * (1 + share)));
    else if (told.fooled) radius = Math.min(radius * (1 - share), nearest);
    else if (nearest < Number.POSITIVE_INFINITY) radius *= 1 + share;
    // Of the point before rounding, which may undo all of a small change.
    else radius = sizeOf(point) + Math.abs(told.value) / Math.max(dual(told.gradient, norm), 1e-12);
    // Also where a model without numbers says nothing of the border.
    if (!(radius <= widest)) radius = widest;
    const length = lengthOf(told.gradient, 'l2');
    const factor = length > 0 ? (first * (0.01 + 0.99 * cosine)) / length : 0;
    for (let i = 0; i < point.length; i++)
      point[i] = (point[i] as number) + factor * (told.gradient[i] as number);
    ontoBall(point);
  }
  yield { point };
}

/** The largest gain per unit of the norm. */
function dual(gradient: Float32Array, norm: Norm): number {
  if (norm === 'l2') return lengthOf(gradient, 'l2');
  return lengthOf(gradient, norm === 'linf' ? 'l1' : 'linf');
}
