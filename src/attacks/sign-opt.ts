import { z } from 'zod';
import { distance, lengthOf } from '../tensor/index.ts';
import { bisected, firstFind, fooledBy, kept, noise, type Search } from './border.ts';
import { type Course, inCourses, type Sample } from './courses.ts';
import { defineAttack } from './define.ts';

/**
 * Sign-OPT: descends in the distance to the border as a function of the direction. Whether a neighbouring direction is
 * nearer to it is one question, at the present distance; the mean of random neighbours by those signs stands for the
 * gradient. Steps along it double while they come nearer, else they shrink. Defaults are the authors' code's; directions
 * at the start are of random images at all scales.
 */
export const signOpt = defineAttack({
  name: 'sign-opt',
  title: 'Sign-OPT',
  paper: 'Cheng et al. 2019, arXiv:1909.10773, algorithm 1',
  heldTo: 'ART; the nearest point of affine models',
  access: 'decision',
  norms: ['l2'],
  goals: ['untargeted'],
  radius: 'minimum',
  queries: 20_000,
  options: z.strictObject({
    directions: z.int().min(1).default(100).describe('random ones of which the nearest is the start'),
    neighbours: z.int().min(1).default(200).describe('directions by which the gradient is estimated'),
    stepSize: z
      .number()
      .positive()
      .default(0.2)
      .describe('of the direction, in units of its length, at first'),
    beta: z.number().positive().default(1e-3).describe('how far off neighbours are, in units of its length'),
  }),
  run(context) {
    return inCourses(context, (sample) => descent(sample, context.options));
  },
});

interface Options {
  readonly directions: number;
  readonly neighbours: number;
  readonly stepSize: number;
  readonly beta: number;
}

/** A point of the border, by its direction and distance. */
interface Place {
  readonly point: Float32Array;
  readonly direction: Float64Array;
  readonly radius: number;
}

/** Tries of a step size, as in the authors' code. */
const tries = 15;

function* descent(sample: Sample, { directions, neighbours, stepSize, beta: wanted }: Options): Course {
  let place = yield* nearestOf(sample, directions);
  let alpha = stepSize;
  let beta = wanted;
  for (let draw = 0; ; draw++) {
    yield* kept(sample, place.point);
    // Float32 has no neighbours that are nearer than this.
    const off = Math.max(beta, (1e-7 * Math.sqrt(sample.clean.length)) / place.radius);
    const slope = yield* estimate(sample, place, { neighbours, off, draw });
    const { direction } = place;
    const along = (size: number) => direction.map((v, i) => v - size * (slope[i] as number));
    let best = place;
    for (let k = 0; k < tries; k++) {
      const found = yield* nearer(sample, along(alpha), best.radius, off / 500);
      alpha *= 2;
      if (found === undefined) break;
      best = found;
    }
    for (let k = 0; k < tries && best === place; k++) {
      alpha /= 4;
      best = (yield* nearer(sample, along(alpha), place.radius, off / 500)) ?? place;
    }
    if (alpha < 1e-4) [alpha, beta] = [1, beta / 10];
    place = best;
  }
}

function placeOf({ clean }: Sample, point: Float32Array): Place {
  const radius = distance(clean, point, 'l2', 1);
  return {
    point,
    radius,
    direction: Float64Array.from(point, (v, i) => (v - (clean[i] as number)) / radius),
  };
}

/** Of the first find and directions to random images, that in which the border is nearest. */
function* nearestOf(sample: Sample, directions: number): Search<Place> {
  const first = yield* firstFind(sample);
  let best = placeOf(sample, yield* bisected(sample, first, 'l2', 1e-3));
  yield* kept(sample, best.point);
  for (let draw = 0; draw < directions; draw++) {
    const { direction } = placeOf(sample, noise(sample, draw));
    best = (yield* nearer(sample, direction, best.radius, 1e-3)) ?? best;
  }
  return best;
}

/**
 * The border in this direction, if the model is fooled at this radius: outside it one question tells that it is no nearer.
 * @param tolerance share of the radius
 */
function* nearer(
  sample: Sample,
  direction: Float64Array,
  radius: number,
  tolerance: number,
): Search<Place | undefined> {
  // A step may undo the direction of an image of one entry.
  const unit = lengthOf(direction, 'l2') || 1;
  const at = (r: number): Float32Array =>
    sample.clean.map((c, i) => c + (r / unit) * (direction[i] as number));
  let [low, high, best] = [0, radius, at(radius)];
  if (!(yield* fooledBy(best))) return undefined;
  // Most steps gain little: the search begins near the border.
  for (let gain = 0.01; gain < 1; gain *= 2) {
    const point = at(radius * (1 - gain));
    if (yield* fooledBy(point)) [high, best] = [radius * (1 - gain), point];
    else {
      low = radius * (1 - gain);
      break;
    }
  }
  while (high - low > tolerance * radius) {
    const middle = (low + high) / 2;
    const point = at(middle);
    if (yield* fooledBy(point)) [high, best] = [middle, point];
    else low = middle;
  }
  const found = placeOf(sample, best);
  return found.radius < radius ? found : undefined;
}

interface Around {
  readonly neighbours: number;
  readonly off: number;
  readonly draw: number;
}

/** The mean of ±u, minus where the direction v + βu is nearer to the border. */
function* estimate(
  { clean, stream }: Sample,
  { direction, radius }: Place,
  { neighbours, off, draw }: Around,
): Search<Float64Array> {
  const numbers = stream('neighbours', draw);
  const u = new Float32Array(clean.length);
  const us: Float32Array[] = [];
  const points = Array.from({ length: neighbours }, () => {
    numbers.fillNormal(u, 0, 1);
    const unit = lengthOf(u, 'l2');
    us.push(u.map((v) => v / unit));
    const turned = direction.map((v, i) => v + (off * (u[i] as number)) / unit);
    const length = lengthOf(turned, 'l2');
    return clean.map((c, i) => c + (radius / length) * (turned[i] as number));
  });
  const answers = yield { points };
  const out = new Float64Array(clean.length);
  for (const [k, v] of us.entries()) {
    const sign = answers[k] === true ? -1 : 1;
    for (let i = 0; i < out.length; i++) out[i] = (out[i] as number) + (sign * (v[i] as number)) / neighbours;
  }
  return out;
}
