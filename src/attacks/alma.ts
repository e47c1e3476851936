import { z } from 'zod';
import { classesFor, dlr, type Objective } from '../models/index.ts';
import { distance, lengthOf } from '../tensor/index.ts';
import { defineAttack } from './define.ts';
import { type Descent, inDescents, type Slope, type Told } from './descents.ts';

/**
 * Augmented Lagrangian: the distance plus a penalty of the ratio of logits (DLR), whose weight follows from its own slope,
 * descended with momentum and steps scaled by their running squares. The first step is as long as `first`; from the first
 * find on steps grow shorter.
 */
export const alma = defineAttack({
  name: 'alma',
  title: 'Augmented Lagrangian method for adversarial attacks (ALMA)',
  paper: 'Rony et al. 2020, arXiv:2011.11857, algorithm 1, penalty P2 of section 3.1',
  heldTo: 'adversarial-library; the nearest point of affine models',
  access: 'gradient',
  norms: ['l2', 'l1'],
  goals: ['untargeted', 'targeted', 'least-likely'],
  radius: 'minimum',
  leastClasses: (_, goal) => classesFor[goal === 'untargeted' ? 'dlr' : 'dlr-targeted'],
  options: z.strictObject({
    steps: z.int().min(1).default(1000).describe('gradient steps'),
    first: z
      .number()
      .positive()
      .optional()
      .describe('length of the first step, in the norm; 1 by default, 0.5 in l1'),
    lastRate: z.number().gt(0).max(1).default(0.01).describe('rate of the last step as a share of the first'),
    check: z.int().min(1).default(10).describe('steps after which the penalty may become steeper'),
    tau: z
      .number()
      .gt(0)
      .lt(1)
      .default(0.95)
      .describe('what the ratio has to fall to in these for it not to'),
    steeper: z.number().min(1).default(1.2).describe('gamma, by what it becomes steeper'),
    decay: z
      .number()
      .min(0)
      .lt(1)
      .optional()
      .describe('of weight, momentum and squares; 0.9 by default, 0.5 in l1'),
  }),
  run(context) {
    const { limit, options } = context;
    const norm = limit.spec.norm === 'l1' ? 'l1' : 'l2';
    const { first = norm === 'l1' ? 0.5 : 1, decay = norm === 'l1' ? 0.5 : 0.9, ...rest } = options;
    return inDescents(context, (slope) =>
      lagrangian(slope, {
        ...rest,
        objective: objectives[context.goal.kind],
        norm,
        first,
        decay,
        direction: (out) => {
          context.random.stream(context.batch.ids[slope.row] as string, 'direction', 0).fillNormal(out, 0, 1);
        },
      }),
    );
  },
});

interface Plan {
  readonly objective: Objective;
  readonly norm: 'l2' | 'l1';
  readonly steps: number;
  readonly first: number;
  readonly lastRate: number;
  readonly check: number;
  readonly tau: number;
  readonly steeper: number;
  readonly decay: number;
  readonly direction: (out: Float32Array) => void;
}

const objectives = { untargeted: dlr(), targeted: dlr({ towards: true }) };
/** So that a find lies beyond the border and not on it. */
const tolerance = 1e-4;

/** Slope in y of the penalty P2: μy + μρy² + ρ²y³/6 above 0, μy/(1 − ρy) below. */
function slopeAt(y: number, rho: number, mu: number): number {
  return y >= 0 ? mu * (1 + 2 * rho * y) + (rho * y) ** 2 / 2 : mu / (1 - rho * y) ** 2;
}

function* lagrangian({ start, clean }: Slope, plan: Plan): Descent {
  const { norm, steps, check, decay } = plan;
  const size = clean.length;
  const point = start.slice();
  const gradient = new Float32Array(size);
  const squares = new Float64Array(size).fill(1);
  const velocity = new Float64Array(size);
  let [mu, rho, rate, before] = [1, 1, 0, 0];
  let firstFind = steps + 1;
  for (let step = 0; step < steps; step++) {
    const told = yield { point, objective: plan.objective };
    if (told.fooled) firstFind = Math.min(firstFind, step);
    const y = constraint(told);
    if (step === 0) before = y;
    else if ((step + 1) % check === 0) {
      if (firstFind > step && y >= plan.tau * before) rho *= plan.steeper;
      before = y;
    }
    if (step > 0) mu = Math.min(1e12, Math.max(1e-6, decay * mu + (1 - decay) * slopeAt(y, rho, mu)));
    const weight = slopeAt(y, rho, mu);
    const away = step === 0 ? 0 : distance(point, clean, norm, 1);
    for (let i = 0; i < size; i++) {
      const change = (point[i] as number) - (clean[i] as number);
      const ofDistance = away === 0 ? 0 : norm === 'l2' ? change / away : Math.sign(change);
      gradient[i] = ofDistance - weight * (told.gradient[i] as number);
    }
    if (step === 0) {
      if (lengthOf(gradient, 'l2') <= 1e-6) plan.direction(gradient);
      rate = rateOf(gradient, clean, plan);
    }
    const fallen = plan.lastRate ** (Math.max(0, step - firstFind) / Math.max(1, steps - firstFind));
    for (let i = 0; i < size; i++) {
      const g = gradient[i] as number;
      const square = decay * (squares[i] as number) + (1 - decay) * g * g;
      const v = decay * (velocity[i] as number) + g / (Math.sqrt(square) + 1e-8);
      squares[i] = square;
      velocity[i] = v;
      point[i] = Math.min(1, Math.max(0, (point[i] as number) - rate * fallen * v));
    }
  }
  yield { point };
}

/** What is to fall below 0: the ratio of logits, its sign turned round. */
function constraint({ margin, value }: Told): number {
  const spread = value === 0 ? 1 : Math.abs(margin / value);
  return (tolerance - margin) / spread;
}

/** How much of a gradient leads as far as `first`, pixels cut to their range; by bisection. */
function rateOf(gradient: Float32Array, clean: Float32Array, { norm, first }: Plan): number {
  const reach = (rate: number): number =>
    distance(
      clean.map((c, i) => Math.min(1, Math.max(0, c - rate * (gradient[i] as number)))),
      clean,
      norm,
      1,
    );
  let [low, high] = [0, 1];
  // No change is as far where all pixels are at their ends before.
  while (reach(high) <= first && high < 1e30) [low, high] = [high, 2 * high];
  for (let i = 0; i < 20; i++) {
    const middle = (low + high) / 2;
    if (reach(middle) > first) high = middle;
    else low = middle;
  }
  return (low + high) / 2;
}
