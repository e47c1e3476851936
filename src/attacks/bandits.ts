import { z } from 'zod';
import { clone, lengthOf, rows, zeros } from '../tensor/index.ts';
import { defineAttack } from './define.ts';
import { gains } from './gains.ts';
import { stepSizes } from './iterate.ts';
import { track } from './track.ts';

/**
 * Bandits with priors: a guess v at the gradient is kept from step to step (time) and is one number per tile and channel
 * (data). Two questions tell which of v ± δu, u random, is the better way to go; v is moved towards it, and the image
 * along v. In linf v is moved by exponentiated gradients, in l2 by plain ones. Every step also asks about the image
 * itself, which the paper does not count. The defaults are those of the authors' code: η 0.1 and 0.01 (linf and l2), δ 1
 * and 0.01, rates 100 and 0.1, steps of 0.01 of 0.05 and of 0.5 of 5, 50 tiles.
 */
export const bandits = defineAttack({
  name: 'bandits',
  title: 'Bandits with time and data priors',
  paper: "Ilyas et al. 2018, arXiv:1807.07978, algorithms 1 to 3, and the authors' code",
  heldTo: 'affine models',
  access: 'scores',
  norms: ['linf', 'l2'],
  goals: ['untargeted', 'targeted', 'least-likely'],
  queries: 10_000,
  options: z.strictObject({
    stepSize: z
      .number()
      .positive()
      .optional()
      .describe('in pixel units; by default epsilon / 5 in linf, epsilon / 10 in l2'),
    tiles: z
      .int()
      .min(1)
      .default(50)
      .describe('tiles along each side, of which every pixel is guessed alike; at most one per pixel'),
    distance: z
      .number()
      .positive()
      .optional()
      .describe('η, length in l2 by which questions go from the image; 0.1 in linf, 0.01 in l2 by default'),
    exploration: z
      .number()
      .positive()
      .optional()
      .describe('δ, share of the random direction in a question; 1 in linf, 0.01 in l2 by default'),
    rate: z
      .number()
      .positive()
      .optional()
      .describe('by which the guess is moved; 100 in linf, 0.1 in l2 by default'),
    loss: z
      .enum(['cross-entropy', 'margin'])
      .default('cross-entropy')
      .describe('what is estimated from the scores'),
  }),
  async *run({ model, batch, goal, limit, random, options }) {
    const linf = limit.spec.norm === 'linf';
    const usual = linf ? usualOf.linf : usualOf.l2;
    const { distance = usual.distance, exploration = usual.exploration, rate = usual.rate } = options;
    const sizes = stepSizes(limit, options.stepSize ?? ((radius) => radius / (linf ? 5 : 10)));
    const [, channels = 1, height = 1, width = 1] = batch.images.shape;
    const tiling = tilesOf([channels, height, width], options.tiles);
    const tracker = track(goal, batch.start);
    const images = clone(batch.start);
    // In linf the guess is tanh of this, which exponentiated gradients from 0 come to.
    const guesses = batch.ids.map(() => new Float64Array(tiling.size));
    const noise = new Float32Array(tiling.size);
    const along = zeros(images.shape);

    const guessed = (sum: number): number => (linf ? Math.tanh(sum) : sum);
    /** What the gain is at the image moved by η along v + share·u. */
    const ask = async (directions: readonly Float64Array[], share: number): Promise<Float64Array> => {
      const points = clone(images);
      for (const [row, u] of directions.entries()) {
        const guess = guesses[row] as Float64Array;
        const q = rows(along, row, row + 1).data;
        tiling.spread((i) => guessed(guess[i] as number) + share * (u[i] as number), q);
        const factor = distance / lengthOf(q, 'l2');
        if (Number.isFinite(factor)) add(rows(points, row, row + 1).data, q, factor);
      }
      return gains(await model.scores({ images: points, ids: batch.ids }), goal, options.loss);
    };

    // It is ended from outside, once its questions are spent.
    for (let step = 0; ; step++) {
      tracker.see(images, await model.answers({ images, ids: batch.ids }));
      yield tracker.best;
      const directions = batch.ids.map((id) => {
        random.stream(id, 'direction', step).fillNormal(noise, 0, 1 / Math.sqrt(tiling.size));
        return Float64Array.from(noise);
      });
      const above = await ask(directions, exploration);
      const below = await ask(directions, -exploration);
      for (const [row, u] of directions.entries()) {
        const guess = guesses[row] as Float64Array;
        const slope = ((above[row] as number) - (below[row] as number)) / distance;
        // An answer without numbers says nothing of this direction.
        if (Number.isFinite(slope)) add(guess, u, rate * slope);
        tiling.spread((i) => guessed(guess[i] as number), rows(along, row, row + 1).data);
      }
      limit.step(images, along, sizes);
    }
  },
});

/** Of the authors' code. */
const usualOf = {
  linf: { distance: 0.1, exploration: 1, rate: 100 },
  l2: { distance: 0.01, exploration: 0.01, rate: 0.1 },
};

/** x ← x + factor·y, in place. */
function add(x: Float32Array | Float64Array, y: ArrayLike<number>, factor: number): void {
  for (let i = 0; i < x.length; i++) x[i] = (x[i] as number) + factor * (y[i] as number);
}

/** Rectangles of an image, `count` along each side where it has so many pixels, each channel with its own. */
function tilesOf(
  [channels, height, width]: readonly [number, number, number],
  count: number,
): { readonly size: number; readonly spread: (value: (tile: number) => number, out: Float32Array) => void } {
  const [down, across] = [Math.min(count, height), Math.min(count, width)];
  const of = (i: number, tiles: number, length: number): number => Math.floor((i * tiles) / length);
  return {
    size: channels * down * across,
    spread(value, out) {
      for (let c = 0, at = 0; c < channels; c++)
        for (let i = 0; i < height; i++)
          for (let j = 0; j < width; j++, at++)
            out[at] = value((c * down + of(i, down, height)) * across + of(j, across, width));
    },
  };
}
