import { z } from 'zod';
import { difference, labelTensor } from '../models/index.ts';
import { clone, type Images, lengthOf, rowSize, rows } from '../tensor/index.ts';
import { type AttackContext, defineAttack } from './define.ts';
import { ontoHyperplane } from './hyperplane.ts';
import { likeliestOthers } from './likeliest.ts';
import { addBorder } from './noise.ts';
import { trackNearest } from './track.ts';

/**
 * Fast adaptive boundary: steps onto the border as the gradient has it, drawn towards the clean image, so that the
 * point stays near; one that fools the model goes back nine tenths of its way. With `targetClasses` it goes to the
 * border of one class after the other, a gradient a step (FAB-T of AutoAttack), else to the nearest of all.
 */
export const fab = defineAttack({
  name: 'fab',
  title: 'Fast adaptive boundary',
  paper: 'Croce and Hein 2019, arXiv:1907.02044, algorithm 1; towards classes arXiv:2003.01690, section 5',
  heldTo: 'auto-attack of its authors; the nearest point of affine models',
  access: 'gradient',
  norms: ['linf', 'l2', 'l1'],
  goals: ['untargeted'],
  radius: 'minimum',
  options: z.strictObject({
    steps: z.int().min(1).default(100).describe('steps per restart and class'),
    restarts: z.int().min(1).default(1).describe('starts, the first at the image, the others beside it'),
    targetClasses: z
      .int()
      .min(0)
      .default(9)
      .describe('likeliest other classes that are tried one by one; 0: the nearest of all at each step'),
    drawn: z.number().gt(0).max(1).default(0.1).describe('alpha, the most that a step is drawn to the image'),
    overshoot: z.number().min(1).default(1.05).describe('eta, by what steps are longer'),
    back: z.number().gt(0).lt(1).default(0.9).describe('beta, what is left of the way after a find'),
    around: z
      .number()
      .positive()
      .default(8 / 255)
      .describe('in the norm, twice the distance of later starts where nothing was found'),
  }),
  async *run(context) {
    const { batch, goal, limit, model, options } = context;
    const norm = limit.spec.norm as FabNorm;
    const tracker = trackNearest(goal, limit, batch.images);
    const rounds = options.targetClasses === 0 ? 1 : Math.min(options.targetClasses, model.classes - 1);
    const others = likeliestOthers(await model.answers({ images: batch.start, ids: batch.ids }), goal);
    for (let restart = 0; restart < options.restarts; restart++)
      for (let round = 0; round < rounds; round++) {
        const images = begin(context, restart, round, tracker.distances);
        for (let step = 0; step < options.steps; step++) {
          const planes =
            options.targetClasses === 0
              ? await nearestPlanes(context, images, others)
              : await planesTo(context, images, others, round);
          for (let row = 0; row < batch.ids.length; row++) {
            const w = rows(planes.gradient, row, row + 1).data;
            const x = rows(images, row, row + 1).data;
            approach(x, rows(batch.images, row, row + 1).data, w, planes.value[row] as number, {
              norm,
              ...options,
            });
          }
          limit.project(images);
          const asked = limit.judged(images);
          const found = tracker.see(asked, (await model.answers({ images: asked, ids: batch.ids })).classes);
          for (const [row, fooled] of found.entries())
            if (fooled === 1) backwards(images, batch.images, row, options.back);
          yield tracker.best;
        }
      }
    return tracker.best;
  },
});

type FabNorm = 'linf' | 'l2' | 'l1';

/**
 * Steps onto the plane w·(· − x) = −value, and from the clean image onto it; the nearer x is to the plane, the more it
 * goes its own way. In place (eq. 9 to 11).
 */
function approach(
  x: Float32Array,
  clean: Float32Array,
  w: Float32Array,
  value: number,
  { norm, drawn, overshoot }: { norm: FabNorm; drawn: number; overshoot: number },
): void {
  const [near, far] = [new Float32Array(x.length), new Float32Array(x.length)];
  let along = 0;
  for (let i = 0; i < x.length; i++) along += (w[i] as number) * ((x[i] as number) - (clean[i] as number));
  ontoHyperplane(x, w, -value, norm, near);
  ontoHyperplane(clean, w, along - value, norm, far);
  const [a, b] = [lengthOf(near, norm), lengthOf(far, norm)];
  const share = Math.min(a / Math.max(a + b, 1e-12), drawn);
  for (let i = 0; i < x.length; i++)
    x[i] =
      (1 - share) * ((x[i] as number) + overshoot * (near[i] as number)) +
      share * ((clean[i] as number) + overshoot * (far[i] as number));
}

interface Planes {
  /** Of the class to go to less that to leave. */
  value: Float64Array;
  gradient: Images;
}

/** Of each row the border to the class at that place of its list. */
async function planesTo(
  { model, batch, goal }: AttackContext,
  images: Images,
  others: readonly (readonly number[])[],
  place: number,
): Promise<Planes> {
  const answer = await model.gradient({ images, ids: batch.ids }, difference(), {
    labels: labelTensor(goal.classes),
    targets: labelTensor(others.map((all) => all[place] as number)),
  });
  return { value: Float64Array.from(answer.value), gradient: answer.gradient };
}

/** Of each row the plane that is nearest as the gradient has it, of all other classes. */
async function nearestPlanes(
  context: AttackContext,
  images: Images,
  others: readonly (readonly number[])[],
): Promise<Planes> {
  const dual = ({ linf: 'l1', l2: 'l2', l1: 'linf' } as const)[context.limit.spec.norm as FabNorm];
  let best: Planes | undefined;
  const distances = new Float64Array(others.length).fill(Number.POSITIVE_INFINITY);
  for (let place = 0; place < context.model.classes - 1; place++) {
    const found = await planesTo(context, images, others, place);
    best ??= { value: found.value.slice(), gradient: clone(found.gradient) };
    for (let row = 0; row < distances.length; row++) {
      const w = rows(found.gradient, row, row + 1).data;
      const distance = Math.abs(found.value[row] as number) / Math.max(lengthOf(w, dual), 1e-12);
      if (distance >= (distances[row] as number)) continue;
      distances[row] = distance;
      best.value[row] = found.value[row] as number;
      rows(best.gradient, row, row + 1).data.set(w);
    }
  }
  return best as Planes;
}

/** The clean images; on a restart points about them, half as far as the nearest find, at most half of `around`. */
function begin(
  { batch, limit, random, options }: AttackContext<{ around: number }>,
  restart: number,
  round: number,
  distances: Float64Array,
): Images {
  const images = clone(batch.start);
  if (restart === 0) return images;
  const norm = limit.spec.norm as FabNorm;
  const scratch = new Float32Array(rowSize(images));
  for (const [row, id] of batch.ids.entries()) {
    const radius = Math.min(distances[row] as number, options.around) / 2;
    const stream = random.stream(id, 'start', restart * 1000 + round);
    addBorder(rows(images, row, row + 1).data, { norm, radius }, stream, scratch);
  }
  limit.project(images);
  return images;
}

function backwards(images: Images, clean: Images, row: number, share: number): void {
  const [x, c] = [rows(images, row, row + 1).data, rows(clean, row, row + 1).data];
  for (let i = 0; i < x.length; i++) x[i] = (c[i] as number) + share * ((x[i] as number) - (c[i] as number));
}
