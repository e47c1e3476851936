import { z } from 'zod';
import { distance, lengthOf } from '../tensor/index.ts';
import { bisected, firstFind, fooledBy, kept, normalAt, type Search } from './border.ts';
import { type Course, inCourses, type Sample } from './courses.ts';
import { defineAttack } from './define.ts';

/**
 * HopSkipJump: from a point of the border, found by bisection, the direction of the border's normal is estimated from
 * decisions about neighbours; a step along it, halved until it fools the model, and back to the border. The mean of the
 * decisions is taken off them, and neighbours count as they were after clipping.
 */
export const hopSkipJump = defineAttack({
  name: 'hop-skip-jump',
  title: 'HopSkipJump',
  paper: 'Chen et al. 2019, arXiv:1904.02144, algorithms 1 and 2, equations 9 and 16',
  heldTo: 'ART; the nearest point of affine models',
  access: 'decision',
  norms: ['l2', 'linf'],
  goals: ['untargeted'],
  radius: 'minimum',
  queries: 10_000,
  options: z.strictObject({
    neighbours: z.int().min(1).default(100).describe('of the first estimate; √k times as many of the k-th'),
    most: z.int().min(1).default(10_000).describe('neighbours of an estimate at most'),
    gamma: z
      .number()
      .positive()
      .default(1)
      .describe('how finely the border is looked for, in units of the paper'),
  }),
  run(context) {
    const norm = context.limit.spec.norm === 'linf' ? 'linf' : 'l2';
    return inCourses(context, (sample) => hops(sample, norm, context.options));
  },
});

interface Options {
  readonly neighbours: number;
  readonly most: number;
  readonly gamma: number;
}

function* hops(sample: Sample, norm: 'l2' | 'linf', { neighbours, most, gamma }: Options): Course {
  const { clean } = sample;
  const size = clean.length;
  const theta = gamma / (norm === 'l2' ? size * Math.sqrt(size) : size * size);
  let far = yield* firstFind(sample);
  let delta = 0.1;
  for (let step = 1; ; step++) {
    const border = yield* bisected(sample, far, norm, Math.min(theta, 0.5));
    yield* kept(sample, border);
    const away = distance(clean, border, norm, 1);
    // Float32 has no neighbours that are nearer than this: an image on the border itself has no border to find.
    if (step > 1)
      delta = Math.max((norm === 'l2' ? Math.sqrt(size) : size) * theta * away, 1e-7 * Math.sqrt(size));
    const count = Math.min(Math.floor(neighbours * Math.sqrt(step)), most);
    const normal = yield* estimate(sample, border, { norm, delta, count, draw: step });
    far = yield* hop(border, normal, { norm, length: away / Math.sqrt(step) });
  }
}

interface Around {
  readonly norm: 'l2' | 'linf';
  readonly delta: number;
  readonly count: number;
  readonly draw: number;
}

/** {@link normalAt} over neighbours x + δu, u on the sphere (l2) or in the cube (linf). */
function* estimate(
  { clean, stream }: Sample,
  x: Float32Array,
  { norm, delta, count, draw }: Around,
): Search<Float64Array> {
  const numbers = stream('neighbours', draw);
  const u = new Float32Array(clean.length);
  const points = Array.from({ length: count }, () => {
    if (norm === 'l2') numbers.fillNormal(u, 0, 1);
    else numbers.fillUniform(u, -1, 1);
    const factor = delta / (norm === 'l2' ? lengthOf(u, 'l2') : 1);
    return x.map((v, i) => v + factor * (u[i] as number));
  });
  return yield* normalAt(x, points);
}

/** The step along the normal, halved until it fools the model; where none does, the point itself. */
function* hop(
  x: Float32Array,
  normal: Float64Array,
  { norm, length }: { norm: 'l2' | 'linf'; length: number },
): Search<Float32Array> {
  const total = lengthOf(normal, 'l2');
  const scale = total > 0 ? 1 / total : 0;
  for (let size = length; size > length * 2 ** -25; size /= 2) {
    const point = x.map((v, i) => {
      const n = normal[i] as number;
      return v + size * (norm === 'l2' ? n * scale : Math.sign(n));
    });
    if (yield* fooledBy(point)) return point;
  }
  return x;
}
