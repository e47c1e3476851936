import { z } from 'zod';
import { scoresOf } from '../models/index.ts';
import { clone, type Images, lengthOf, type RandomStream } from '../tensor/index.ts';
import { type AttackContext, defineAttack } from './define.ts';
import { gains } from './gains.ts';
import { reach } from './step.ts';
import { track } from './track.ts';

/**
 * Random search over square windows: each query changes one square of the best point so far (for l2 and l1, moves the
 * change of a second square into the first) and keeps the result if the loss gains by it. The share of pixels in a
 * square falls from query to query. Windows lie anywhere in the image, as in the paper; its code leaves out the
 * last row and column.
 */
export const square = defineAttack({
  name: 'square',
  title: 'Square attack',
  paper: 'Andriushchenko et al. 2020, arXiv:1912.00049, algorithms 1 to 3; in l1 as in arXiv:2103.01208',
  heldTo: 'a restatement of the paper; auto-attack of its authors; affine models',
  access: 'scores',
  norms: ['linf', 'l2', 'l1'],
  goals: ['untargeted', 'targeted', 'least-likely'],
  queries: 5000,
  options: z.strictObject({
    schedule: z
      .int()
      .min(1)
      .default(5000)
      .describe(
        'questions for which the shrinking of the squares is laid out; it may be asked fewer or more',
      ),
    share: z.number().positive().max(1).default(0.8).describe('share of the pixels in the first square'),
    loss: z
      .enum(['margin', 'cross-entropy'])
      .optional()
      .describe('what a square has to gain; margin by default, cross-entropy towards a target'),
  }),
  async *run(context) {
    const { model, batch, goal, limit, random, options } = context;
    const loss = options.loss ?? (goal.kind === 'targeted' ? 'cross-entropy' : 'margin');
    const current = clone(batch.start);
    const trial = clone(batch.start);
    const search =
      limit.spec.norm === 'linf' ? signs(context, current, trial) : bumps(context, current, trial);
    const gained = new Float64Array(batch.ids.length).fill(Number.NEGATIVE_INFINITY);
    const tracker = track(goal, batch.start);
    const [, , height = 1, width = 1] = batch.images.shape;
    // It is ended from outside, once its questions are spent.
    for (let query = 0; ; query++) {
      const share = options.share / 2 ** halvings(query - 1, options.schedule);
      const side = search.side(Math.sqrt(share * height * width), Math.min(height, width));
      for (const [row, id] of batch.ids.entries()) {
        const stream = random.stream(id, 'query', query);
        if (query === 0) search.start(row, stream);
        else search.move(row, stream, side);
      }
      if (limit.spec.region !== undefined) limit.project(trial);
      const answers = await model.answers({ images: trial, ids: batch.ids });
      tracker.see(trial, answers);
      for (const [row, value] of gains(scoresOf(answers), goal, loss).entries()) {
        const better = value > (gained[row] as number);
        if (better) gained[row] = value;
        search.settle(row, better || query === 0);
      }
      yield tracker.best;
    }
  },
});

/** Where the share of pixels is halved, for a search of 10 000 steps. */
const halved = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];

/** How often the share was halved before this step, counted from 0, of a search of `steps`. */
function halvings(step: number, steps: number): number {
  const scaled = Math.floor((step * 10_000) / steps);
  return halved.filter((bound) => scaled > bound).length;
}

/** What the two norms do differently. Between two settlements `trial` differs from `current` in the windows alone. */
interface Search {
  /** Side of the window whose side is to be near `wished`, at most `most`. */
  side(wished: number, most: number): number;
  /** Puts the row of `trial` at the starting point. */
  start(row: number, stream: RandomStream): void;
  /** Changes the row of `trial` in a window of this side. */
  move(row: number, stream: RandomStream, side: number): void;
  /** Makes the row of `current` that of `trial`, or the reverse. */
  settle(row: number, accepted: boolean): void;
}

/** The windows that a move changed. */
interface Windows {
  side: number;
  at: readonly (readonly [top: number, left: number])[];
}

/** `moved` per row: the windows of its last move, undefined where all of it is new. */
function settler(images: Images, current: Images, trial: Images) {
  const [count = 0, channels = 1, height = 1, width = 1] = images.shape;
  const moved: (Windows | undefined)[] = Array.from({ length: count });
  const copy = (from: Float32Array, to: Float32Array, row: number): void => {
    const windows = moved[row];
    if (windows === undefined) {
      const size = channels * height * width;
      to.set(from.subarray(row * size, (row + 1) * size), row * size);
      return;
    }
    for (const [top, left] of windows.at)
      for (let c = row * channels; c < (row + 1) * channels; c++)
        for (let i = top; i < top + windows.side; i++) {
          const start = (c * height + i) * width + left;
          for (let j = start; j < start + windows.side; j++) to[j] = from[j] as number;
        }
  };
  return {
    moved,
    settle: (row: number, accepted: boolean): void => {
      if (accepted) copy(trial.data, current.data, row);
      else copy(current.data, trial.data, row);
    },
  };
}

/** linf: vertical stripes of ±ε, then squares of ±ε, one sign per channel. */
function signs({ batch, limit }: AttackContext, current: Images, trial: Images): Search {
  const [, channels = 1, height = 1, width = 1] = batch.images.shape;
  const clean = batch.images.data;
  const [x, now] = [trial.data, current.data];
  const { moved, settle } = settler(batch.images, current, trial);
  const radii = reach(limit);
  const drawn = new Int8Array(channels);

  /** The pixel at its upper or lower end, as float32 has it. */
  const end = (pixel: number, sign: number, radius: number): number =>
    Math.fround(sign > 0 ? Math.min(pixel + radius, 1) : Math.max(pixel - radius, 0));

  return {
    side: (wished, most) => Math.min(Math.max(Math.round(wished), 1), most),
    start(row, stream) {
      moved[row] = undefined;
      for (let c = row * channels; c < (row + 1) * channels; c++)
        for (let j = 0; j < width; j++) {
          const sign = stream.sign();
          for (let i = c * height * width + j; i < (c + 1) * height * width; i += width)
            x[i] = end(clean[i] as number, sign, radii[row] as number);
        }
    },
    move(row, stream, side) {
      const top = stream.integer(height - side + 1);
      const left = stream.integer(width - side + 1);
      moved[row] = { side, at: [[top, left]] };
      // A square that changes nothing would waste a query, as one of few channels often does late in the search.
      for (let attempt = 0, changed = false; !changed && attempt < 32; attempt++) {
        for (let c = 0; c < channels; c++) drawn[c] = stream.sign();
        for (let c = 0; c < channels; c++)
          for (let i = top; i < top + side; i++) {
            const start = ((row * channels + c) * height + i) * width + left;
            for (let j = start; j < start + side; j++) {
              const value = end(clean[j] as number, drawn[c] as number, radii[row] as number);
              x[j] = value;
              if (value !== now[j]) changed = true;
            }
          }
      }
    },
    settle,
  };
}

/**
 * l2 and l1: a grid of bumps, each a fifth of the shorter side; then the change within one window, added to a bump, takes
 * over that of a second window and what of the radius is unused, in l2 of its square, channel by channel as in the paper
 * (AutoAttack's code gives each channel that of all; on random affine models neither found more than the other).
 */
function bumps({ batch, limit }: AttackContext, current: Images, trial: Images): Search {
  const [count = 0, channels = 1, height = 1, width = 1] = batch.images.shape;
  const size = channels * height * width;
  const clean = batch.images.data;
  const [x, now] = [trial.data, current.data];
  const { moved, settle: copy } = settler(batch.images, current, trial);
  const radii = reach(limit);
  const norm = limit.spec.norm === 'l1' ? 'l1' : 'l2';
  /** What an entry takes of the radius, and how far so much of it leads. */
  const share = norm === 'l1' ? Math.abs : (value: number): number => value * value;
  const length = norm === 'l1' ? (total: number): number => total : Math.sqrt;
  const used = new Float64Array(count);
  const old = new Float64Array(height * width);
  const mixed = new Float64Array(height * width);
  let last = { side: 0, bumps: [] as Float64Array[] };

  /** The bump of this side, upright or lying. */
  const bumpOf = (side: number, sign: number): Float64Array => {
    if (last.side !== side) last = { side, bumps: doubleBump(side, norm) };
    return last.bumps[sign > 0 ? 0 : 1] as Float64Array;
  };

  /** `mixed` becomes ±bump + scale·old: what it takes. */
  const mix = (bump: Float64Array, sign: number, scale: number): number => {
    let sum = 0;
    for (let k = 0; k < bump.length; k++) {
      const value = sign * (bump[k] as number) + scale * (old[k] as number);
      mixed[k] = value;
      sum += share(value);
    }
    return sum;
  };

  return {
    side(wished, most) {
      const side = Math.min(Math.max(Math.round(wished), 3), most);
      return side % 2 === 1 ? side : side < most ? side + 1 : side - 1;
    },
    start(row, stream) {
      moved[row] = undefined;
      const side = Math.max(1, Math.floor(Math.min(height, width) / 5));
      const delta = new Float64Array(size);
      for (let top = Math.floor((height % side) / 2); top + side <= height; top += side)
        for (let left = Math.floor((width % side) / 2); left + side <= width; left += side) {
          const bump = bumpOf(side, stream.sign());
          for (let c = 0; c < channels; c++) {
            const sign = stream.sign();
            for (let k = 0; k < bump.length; k++) {
              const [i, j] = [top + Math.floor(k / side), left + (k % side)];
              delta[(c * height + i) * width + j] = sign * (bump[k] as number);
            }
          }
        }
      const factor = (radii[row] as number) / lengthOf(delta, norm);
      for (let i = 0; i < size; i++)
        x[row * size + i] = inside((clean[row * size + i] as number) + factor * (delta[i] as number));
    },
    move(row, stream, side) {
      const top = stream.integer(height - side + 1);
      const left = stream.integer(width - side + 1);
      const second = [stream.integer(height - side + 1), stream.integer(width - side + 1)] as const;
      moved[row] = { side, at: [[top, left], second] };
      const bump = bumpOf(side, stream.sign());
      const unused = Math.max(0, share(radii[row] as number) - (used[row] as number)) / channels;
      for (let c = row * channels; c < (row + 1) * channels; c++) {
        const sign = stream.sign();
        let own = 0;
        for (let i = top, k = 0; i < top + side; i++)
          for (let j = (c * height + i) * width + left, to = j + side; j < to; j++, k++) {
            old[k] = (now[j] as number) - (clean[j] as number);
            own += share(old[k] as number);
          }
        let available = own + unused;
        for (let i = second[0]; i < second[0] + side; i++)
          for (let j = second[1]; j < second[1] + side; j++) {
            const at = (c * height + i) * width + j;
            x[at] = clean[at] as number;
            if (i < top || i >= top + side || j < left || j >= left + side)
              available += share((now[at] as number) - (clean[at] as number));
          }
        let sum = mix(bump, sign, own > 0 ? 1 / length(own) : 0);
        // A bump that all but undoes the change leaves rounding errors alone: it then counts alone.
        if (sum < 1e-4) sum = mix(bump, sign, 0);
        const factor = length(available / sum);
        for (let i = top, k = 0; i < top + side; i++)
          for (let j = (c * height + i) * width + left, to = j + side; j < to; j++, k++)
            x[j] = inside((clean[j] as number) + factor * (mixed[k] as number));
      }
    },
    settle(row, accepted) {
      copy(row, accepted);
      if (!accepted) return;
      let sum = 0;
      for (let i = row * size; i < (row + 1) * size; i++)
        sum += share((now[i] as number) - (clean[i] as number));
      used[row] = sum;
    },
  };
}

function inside(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}

/** η of the paper, of norm 1: a bump over the upper half of a square, one of the other sign below; then lying. */
function doubleBump(side: number, norm: 'l2' | 'l1'): [upright: Float64Array, lying: Float64Array] {
  const upright = new Float64Array(side * side);
  const upper = Math.floor(side / 2);
  fillBump(upright.subarray(0, upper * side), 1, upper, side);
  fillBump(upright.subarray(upper * side), -1, side - upper, side);
  const whole = lengthOf(upright, norm);
  for (let k = 0; k < upright.length; k++) upright[k] = (upright[k] as number) / whole;
  return [upright, upright.map((_, k) => upright[(k % side) * side + Math.floor(k / side)] as number)];
}

/** Nested rectangles about the middle, the k-th of them 1/(k + 1)² high; of norm 1, as in the authors' code. */
function fillBump(out: Float64Array, sign: number, height: number, width: number): void {
  const [middle, centre] = [Math.floor(height / 2), Math.floor(width / 2)];
  for (let i = 0; i < height; i++)
    for (let j = 0; j < width; j++) {
      const inner = Math.max(Math.abs(i - middle), Math.abs(j - centre));
      for (let k = inner; k <= Math.max(middle, centre); k++)
        out[i * width + j] = (out[i * width + j] as number) + sign / (k + 1) ** 2;
    }
  const norm = lengthOf(out, 'l2');
  for (let i = 0; i < out.length; i++) out[i] = (out[i] as number) / norm;
}
