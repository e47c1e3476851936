import { z } from 'zod';
import { distance, lengthOf } from '../tensor/index.ts';
import { bisected, firstFind, fooledBy, kept } from './border.ts';
import { type Course, inCourses, type Sample } from './courses.ts';
import { defineAttack } from './define.ts';

/**
 * Boundary attack: a walk along the border. A random step on the sphere about the clean image, then one toward it, and
 * both are taken where they fool the model. Steps grow and shrink by what share of them does, which is between a fifth
 * and a half on the sphere, a tenth and a quarter with the step toward the image.
 */
export const boundary = defineAttack({
  name: 'boundary',
  title: 'Boundary attack',
  paper: 'Brendel et al. 2017, arXiv:1712.04248, algorithm 1, figure 2',
  heldTo: 'Foolbox; the nearest point of affine models',
  access: 'decision',
  norms: ['l2'],
  goals: ['untargeted'],
  radius: 'minimum',
  queries: 25_000,
  options: z.strictObject({
    stepSize: z
      .number()
      .positive()
      .default(0.01)
      .describe('toward the clean image, in distances to it, at first'),
    sphereStep: z.number().positive().default(0.01).describe('on the sphere, in distances to it, at first'),
    adaptation: z.number().min(1).default(1.5).describe('by what factor steps grow and shrink'),
  }),
  run(context) {
    return inCourses(context, (sample) => walk(sample, context.options));
  },
});

interface Options {
  readonly stepSize: number;
  readonly sphereStep: number;
  readonly adaptation: number;
}

/** Every which step the sphere alone is asked about. */
const every = 10;

function* walk(sample: Sample, { stepSize: toward, sphereStep: around, adaptation }: Options): Course {
  const { clean, stream } = sample;
  const numbers = stream('steps', 0);
  const u = new Float32Array(clean.length);
  let x = yield* bisected(sample, yield* firstFind(sample), 'l2', 1e-3);
  let away = distance(clean, x, 'l2', 1);
  let keptAt = Number.POSITIVE_INFINITY;
  const onSphere = share(10);
  const both = share(30);
  for (let step = 1; ; step++) {
    if (away < 0.99 * keptAt) {
      keptAt = away;
      yield* kept(sample, x);
    }
    numbers.fillNormal(u, 0, 1);
    const sphere = besides(clean, x, u, around);
    if (step % every === 0) {
      const rate = onSphere(yield* fooledBy(clean.map((c, i) => c + (sphere[i] as number))));
      const factor = rate > 0.5 ? adaptation : rate < 0.2 ? 1 / adaptation : 1;
      // Beyond its radius a sphere has no other sides.
      around = Math.min(around * factor, 1);
      toward *= factor;
    }
    const point = clean.map((c, i) => c + (1 - toward) * (sphere[i] as number));
    const fooled = yield* fooledBy(point);
    const rate = both(fooled);
    toward *= rate > 0.25 ? adaptation : rate < 0.1 ? 1 / adaptation : 1;
    const now = distance(clean, point, 'l2', 1);
    if (fooled && now < away) [x, away] = [point, now];
  }
}

/** x − clean after a step along u, in units of its length: at right angles to it, then back to the sphere. */
function besides(clean: Float32Array, x: Float32Array, u: Float32Array, size: number): Float64Array {
  const change = Float64Array.from(x, (v, i) => v - (clean[i] as number));
  const away = lengthOf(change, 'l2');
  const along = change.reduce((sum, c, i) => sum + c * (u[i] as number), 0) / (away * away);
  const across = change.map((c, i) => (u[i] as number) - along * c);
  // An image of one entry has no other direction.
  const factor = (size * away) / (lengthOf(across, 'l2') || 1);
  const back = 1 / Math.sqrt(1 + size * size);
  return change.map((c, i) => back * (c + factor * (across[i] as number)));
}

/**
 * The share of answers that fooled the model once so many have come, and NaN until then. Those of other step sizes count
 * no more: it begins anew whenever it has spoken.
 */
function share(of: number): (fooled: boolean) => number {
  let [seen, hits] = [0, 0];
  return (fooled) => {
    seen++;
    if (fooled) hits++;
    if (seen < of) return Number.NaN;
    const rate = hits / seen;
    [seen, hits] = [0, 0];
    return rate;
  };
}
