import { z } from 'zod';
import { begun, fooledBy, kept, noise, type Search } from './border.ts';
import { type Course, inCourses, type Sample } from './courses.ts';
import { defineAttack } from './define.ts';

/**
 * RayS: a direction of signs, each entry up or down alike, and the radius along it at which the model is fooled. Blocks
 * of entries that halve from level to level are flipped in turn. One question tells whether a flip shortens the radius,
 * and only then is it bisected. Once blocks are single entries, these go round for ever.
 */
export const rays = defineAttack({
  name: 'rays',
  title: 'RayS',
  paper: 'Chen and Gu 2020, arXiv:2006.12792, algorithms 1 to 3',
  heldTo: 'the nearest point of affine models',
  access: 'decision',
  norms: ['linf'],
  goals: ['untargeted'],
  radius: 'minimum',
  queries: 10_000,
  options: z.strictObject({
    tolerance: z
      .number()
      .positive()
      .default(1e-3)
      .describe('how finely the radius is bisected, in L2 of the whole change'),
  }),
  run(context) {
    return inCourses(context, (sample) => turns(sample, context.options.tolerance));
  },
});

/** Levels of blocks after which other directions are tried, where none has fooled the model. */
const patience = 5;

function* turns(sample: Sample, wanted: number): Course {
  const { clean } = sample;
  const size = clean.length;
  const tolerance = wanted / Math.sqrt(size);
  const begin = yield* begun(sample);
  let signs = new Int8Array(size).fill(1);
  if (begin !== undefined)
    signs = signs.map((_, i) => ((begin[i] as number) < (clean[i] as number) ? -1 : 1));
  // Beyond 1 all pixels are at the ends of their range.
  let radius = yield* shorter(sample, signs, { tolerance, radius: 1 });
  for (let level = 0; ; level++) {
    if (radius === undefined && level > patience) {
      ({ signs, radius } = yield* elsewhere(sample, tolerance));
      level = 0;
    }
    const block = Math.ceil(size / 2 ** level);
    for (let from = 0; from < size; from += block) {
      const flipped = signs.map((s, i) => (i >= from && i < from + block ? -s : s));
      // A tolerance below: what gains less, as pixels outside a region, is not worth a search.
      const below = radius === undefined ? 1 : radius - tolerance;
      const found = yield* shorter(sample, flipped, { tolerance, radius: below });
      if (found !== undefined) [signs, radius] = [flipped, found];
    }
    if (block === 1) level--;
  }
}

/** Signs of random images until some fool the model. */
function* elsewhere(
  sample: Sample,
  tolerance: number,
): Search<{ signs: Int8Array<ArrayBuffer>; radius: number }> {
  for (let draw = 0; ; draw++) {
    const signs = Int8Array.from(noise(sample, draw), (v) => (v < 0.5 ? -1 : 1));
    const radius = yield* shorter(sample, signs, { tolerance, radius: 1 });
    if (radius !== undefined) return { signs, radius };
  }
}

/** The radius of a direction, if it fools the model at this one. */
function* shorter(
  sample: Sample,
  signs: Int8Array,
  { tolerance, radius: from }: { tolerance: number; radius: number },
): Search<number | undefined> {
  const at = (radius: number): Float32Array => sample.clean.map((c, i) => c + radius * (signs[i] as number));
  let [low, high, best] = [0, from, at(from)];
  if (!(yield* fooledBy(best))) return undefined;
  while (high - low > tolerance) {
    const middle = (low + high) / 2;
    const point = at(middle);
    if (yield* fooledBy(point)) [high, best] = [middle, point];
    else low = middle;
  }
  yield* kept(sample, best);
  return high;
}
