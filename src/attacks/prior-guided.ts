import { z } from 'zod';
import { labelTensor, margin, scoresOf } from '../models/index.ts';
import { addScaled, clone, type Images, lengths, rowSize, rows, zeros } from '../tensor/index.ts';
import { type AttackContext, defineAttack } from './define.ts';
import { stepSizes } from './iterate.ts';
import { turn } from './step.ts';
import { attackMargins, track } from './track.ts';

/**
 * Estimates the judged model's gradient from its scores alone, along directions of which a share is the gradient of a
 * source: ĝ = Σ [L(x + σu) − L(x)] u / σ, u = √λ·v + √(1 − λ)·ξ with v the source's unit gradient and ξ a random unit
 * vector orthogonal to it. The sources take turns. λ is fixed, where the paper also has one fitted per step.
 */
export const priorGuided = defineAttack({
  name: 'prior-guided',
  title: 'Prior-guided random gradient-free attack (P-RGF)',
  paper: 'Cheng et al. 2019, arXiv:1906.06919, eq. 9 and algorithm 1, with a fixed λ',
  heldTo: 'affine models',
  access: 'gradient',
  members: true,
  opponent: 'scores',
  norms: ['linf', 'l2'],
  goals: ['untargeted', 'targeted'],
  queries: 10_000,
  options: z.strictObject({
    directions: z.int().min(1).default(50).describe('directions per step, a question each'),
    share: z.number().min(0).max(1).default(0.5).describe("share of the source's gradient, λ"),
    sigma: z
      .number()
      .positive()
      .optional()
      .describe('length of a difference, in pixel units; 1e-4 √d by default, d entries of an image'),
    stepSize: z.number().positive().optional().describe('in pixel units; epsilon / 10 by default'),
  }),
  async *run(context) {
    const { model, members, opponent, batch, goal, limit, options } = context;
    const sources = members.length > 0 ? members : [model];
    const sizes = stepSizes(limit, options.stepSize ?? ((radius) => radius / 10));
    const sigma = options.sigma ?? 1e-4 * Math.sqrt(rowSize(batch.images));
    const given = { labels: labelTensor(goal.classes) };
    const tracker = track(goal, batch.start);
    const images = clone(batch.start);
    for (let step = 0; ; step++) {
      const own = await opponent.answers({ images, ids: batch.ids });
      tracker.see(images, own);
      yield tracker.best;
      const source = sources[step % sources.length] as (typeof sources)[number];
      const { gradient: guide } = await source.gradient({ images, ids: batch.ids }, margin(), given);
      turn(guide, goal);
      const before = attackMargins(scoresOf(own), goal);
      const estimate = zeros(images.shape);
      for (let j = 0; j < options.directions; j++) {
        const along = directions(context, guide, step * options.directions + j);
        const points = clone(images);
        addScaled(points, along, sigma);
        const after = attackMargins(await opponent.scores({ images: points, ids: batch.ids }), goal);
        addScaled(
          estimate,
          along,
          after.map((value, i) => (value - (before[i] as number)) / sigma),
        );
      }
      limit.step(images, estimate, sizes);
    }
  },
});

/** Unit vectors, the square of whose part along the guide is the share; without a guide they are random. */
function directions(
  { batch, random, options: { share } }: AttackContext<{ share: number }>,
  guide: Images,
  draw: number,
): Images {
  const along = zeros(guide.shape);
  for (const [i, id] of batch.ids.entries())
    random.stream(id, 'direction', draw).fillNormal(rows(along, i, i + 1).data, 0, 1);
  const guided = lengths(guide);
  const unit = clone(guide);
  addScaled(
    unit,
    guide,
    guided.map((length) => (length > 0 ? 1 / length : 0) - 1),
  );
  const size = rowSize(guide);
  const inner = guided.map((_, row) => {
    let sum = 0;
    for (let k = row * size; k < (row + 1) * size; k++)
      sum += (along.data[k] as number) * (unit.data[k] as number);
    return -sum;
  });
  addScaled(along, unit, inner);
  const rest = lengths(along);
  const parts = guided.map((length) => (length > 0 ? share : 0));
  addScaled(
    along,
    along,
    rest.map((length, row) => Math.sqrt(1 - (parts[row] as number)) / length - 1),
  );
  addScaled(along, unit, parts.map(Math.sqrt));
  return along;
}
