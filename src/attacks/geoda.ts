import { z } from 'zod';
import { distance, inverseDct, lengthOf } from '../tensor/index.ts';
import { bisected, firstFind, fooledBy, kept, normalAt, type Search } from './border.ts';
import { type Course, inCourses, type Sample } from './courses.ts';
import { defineAttack } from './define.ts';

/**
 * GeoDA: near the image the border is as good as flat. At a point of it the normal is estimated from decisions about
 * neighbours, which are drawn among low frequencies, and the border is looked for anew from the clean image along the
 * normal (l2) or its signs (linf); where it is no nearer there, the point stays. Each round has λ^(-2/3) times as many
 * neighbours as the last, and all so far count, so that a new round is 0.3 of the normal, as in the authors' code.
 * Defaults are that code's: 75 of 224 frequencies, 50 to 80 neighbours at first. The mean of the decisions is taken off
 * them, and neighbours count as they were after clipping.
 */
export const geoda = defineAttack({
  name: 'geoda',
  title: 'GeoDA',
  paper: 'Rahmati et al. 2020, arXiv:2003.06468, algorithm 1',
  heldTo: 'the nearest point of affine models; HopSkipJump of ART',
  access: 'decision',
  norms: ['l2', 'linf'],
  goals: ['untargeted'],
  radius: 'minimum',
  queries: 4000,
  options: z.strictObject({
    neighbours: z.int().min(1).default(65).describe('of the first round'),
    lambda: z
      .number()
      .positive()
      .max(1)
      .default(0.6)
      .describe(
        'by how much an estimate errs less than the last, which settles how many neighbours each has',
      ),
    frequencies: z
      .number()
      .positive()
      .max(1)
      .default(1 / 3)
      .describe('share of them, lowest first, among which neighbours are drawn'),
    spread: z
      .number()
      .positive()
      .default(2e-4)
      .describe('standard deviation of each frequency of a neighbour'),
  }),
  run(context) {
    const norm = context.limit.spec.norm === 'linf' ? 'linf' : 'l2';
    return inCourses(context, (sample) => estimates(sample, norm, context.options));
  },
});

interface Options {
  readonly neighbours: number;
  readonly lambda: number;
  readonly frequencies: number;
  readonly spread: number;
}

function* estimates(sample: Sample, norm: 'l2' | 'linf', options: Options): Course {
  const { neighbours, lambda, frequencies, spread } = options;
  const { clean } = sample;
  let far = yield* firstFind(sample);
  let border = far;
  let normal = new Float64Array(clean.length);
  for (let step = 0; ; step++) {
    const tolerance = spread / 10 / Math.max(distance(clean, far, 'l2', 1), spread);
    const found = yield* bisected(sample, far, norm, tolerance);
    if (step === 0 || distance(clean, found, norm, 1) < distance(clean, border, norm, 1)) {
      border = found;
      yield* kept(sample, border);
    }
    const count = Math.floor(neighbours * lambda ** ((-2 / 3) * step));
    const points = lowFrequencies(sample, { frequencies, count, draw: step }).map((u) =>
      border.map((v, i) => v + spread * (u[i] as number)),
    );
    const own = yield* normalAt(border, points);
    normal = normal.map((n, i) => n + (own[i] as number));
    far = (yield* along(sample, normal, { norm, from: distance(clean, border, norm, 1) })) ?? border;
  }
}

interface Draws {
  readonly frequencies: number;
  readonly count: number;
  readonly draw: number;
}

/** Images of which the lowest frequencies are standard normal and all others are 0; where none are, so are pixels. */
function lowFrequencies(
  { shape: [channels, height, width], stream }: Sample,
  { frequencies, count, draw }: Draws,
): Float64Array[] {
  const numbers = stream('neighbours', draw);
  const [down, across] = [Math.ceil(frequencies * height), Math.ceil(frequencies * width)];
  return Array.from({ length: count }, () => {
    const out = new Float64Array(channels * height * width);
    if (frequencies === 1) return out.map(() => numbers.normal());
    for (let c = 0; c < channels; c++) {
      const coefficients = new Float64Array(height * width);
      for (let k = 0; k < down; k++)
        for (let l = 0; l < across; l++) coefficients[k * width + l] = numbers.normal();
      out.set(inverseDct(coefficients, height, width), c * height * width);
    }
    return out;
  });
}

/** A point that fools the model along a normal or its signs: as far off as now, else twice as far each time. */
function* along(
  { clean }: Sample,
  normal: Float64Array,
  { norm, from }: { norm: 'l2' | 'linf'; from: number },
): Search<Float32Array | undefined> {
  const unit = lengthOf(normal, 'l2') || 1;
  const most = norm === 'l2' ? Math.sqrt(clean.length) : 1;
  for (let radius = from; ; radius = Math.min(2 * radius, most)) {
    const point = clean.map((c, i) => {
      const n = normal[i] as number;
      return c + radius * (norm === 'l2' ? n / unit : Math.sign(n));
    });
    if (yield* fooledBy(point)) return point;
    if (radius >= most) return undefined;
  }
}
