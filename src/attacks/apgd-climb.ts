import type { Answers, Given, Objective } from '../models/index.ts';
import { clone, distance, type Images, type Limit, rowSize, rows, takeRows } from '../tensor/index.ts';
import type { AttackContext } from './define.ts';
import { addBorder, addUniform } from './noise.ts';
import { reach, turn } from './step.ts';

/** What one run of APGD climbs, and from where. */
export interface Climb extends Pick<AttackContext, 'model' | 'batch' | 'limit' | 'random'> {
  readonly options: { readonly steps: number; readonly rho: number };
  /** Of the batch. */
  readonly rows: readonly number[];
  readonly objective: Objective;
  readonly given: Given;
  /** Whether the objective is to fall. */
  readonly down: boolean;
  /** Tells the random numbers of runs apart. */
  readonly run: number;
}

/** A point inside the limit with what the model said of it, a row per row of the climb; nothing where it is outside. */
export type Seen = { readonly images: Images; readonly answers: Answers } | undefined;

/** The run of one row: its step and the best point that it has come by. */
interface Row {
  size: number;
  best: number;
  /** The best at the checkpoint before. */
  before: number;
  /** Whether the step was made smaller there. */
  halved: boolean;
  last: number;
  /** Steps since the checkpoint that raised the objective. */
  rises: number;
  /** Of l1: how many entries a step moves, and how many the best point had changed. */
  entries: number;
  changed: number;
}

/** Radii of the runs in l1, as multiples of epsilon, and their shares of the steps (arXiv:2103.01208, section 3.3). */
const shrinking = [
  { factor: 3, share: 0.3 },
  { factor: 2, share: 0.3 },
  { factor: 1, share: 0.4 },
];

/** One run: each point as it is asked about. */
export async function* climb(c: Climb): AsyncGenerator<Seen> {
  const limit = c.limit.take(c.rows);
  const clean = takeRows(c.batch.images, c.rows);
  if (limit.spec.norm !== 'l1' || c.options.steps < shrinking.length) {
    yield* phase(c, limit, { clean, from: undefined, steps: c.options.steps, inside: true });
    return;
  }
  let from: Images | undefined;
  let left = c.options.steps;
  for (const { factor, share } of shrinking) {
    const inside = factor === 1;
    const steps = inside ? left : Math.max(1, Math.floor(share * c.options.steps));
    left -= steps;
    const wide = limit.within(limit.radii.map((radius) => factor * radius));
    from = yield* phase(c, wide, { clean, from, steps, inside });
  }
}

/** @returns the best points */
async function* phase(
  c: Climb,
  limit: Limit,
  { clean, from, steps, inside }: { clean: Images; from: Images | undefined; steps: number; inside: boolean },
): AsyncGenerator<Seen, Images> {
  const { norm } = limit.spec;
  const ids = c.rows.map((row) => c.batch.ids[row] as string);
  const first = reach(limit).map((radius) => (norm === 'l1' ? 1 : 2) * radius);
  const images = from === undefined ? start(c, limit) : clone(from);
  limit.project(images);
  const size = rowSize(images);
  const ask = async (): Promise<{ value: ArrayLike<number>; gradient: Images; answers: Answers }> => {
    const answer = await c.model.gradient({ images, ids }, c.objective, c.given);
    turn(answer.gradient, { kind: c.down ? 'targeted' : 'untargeted' });
    const value = c.down ? Array.from(answer.value, (v) => -v) : answer.value;
    return { value, gradient: answer.gradient, answers: answer };
  };
  let { value, gradient, answers } = await ask();
  yield inside ? { images, answers } : undefined;
  const best = { images: clone(images), gradient: clone(gradient) };
  const state = Array.from(first, (length, row): Row => {
    const changed = from === undefined ? size : changedIn(images, clean, row);
    return {
      size: length,
      best: value[row] as number,
      before: value[row] as number,
      halved: false,
      last: value[row] as number,
      rises: 0,
      entries: from === undefined ? 0.2 * size : changed / 1.5,
      changed,
    };
  });
  const isAsked = checkpoints(steps, norm === 'l1');
  let gap = 0;
  let old = clone(images);
  for (let step = 0; step < steps; step++) {
    const current = clone(images);
    move(images, gradient, { current, old, limit, state, share: step === 0 ? 1 : 0.75 });
    old = current;
    if (step === steps - 1 && inside) {
      yield { images, answers: await c.model.answers({ images, ids }) };
      break;
    }
    ({ value, gradient, answers } = await ask());
    yield inside ? { images, answers } : undefined;
    gap += 1;
    const checked = isAsked.has(step + 1);
    for (const [row, s] of state.entries()) {
      const now = value[row] as number;
      if (now > s.last) s.rises += 1;
      s.last = now;
      if (now > s.best) {
        s.best = now;
        put(best.images, images, row);
        put(best.gradient, gradient, row);
      }
      if (!checked) continue;
      const back =
        norm === 'l1'
          ? sparser(s, changedIn(best.images, clean, row), first[row] as number)
          : slower(s, gap, c.options.rho);
      if (back) {
        put(images, best.images, row);
        put(gradient, best.gradient, row);
      }
    }
    if (checked) gap = 0;
  }
  return best.images;
}

/** Halves the step of a row whose loss stalled. @returns whether it goes back to its best point */
function slower(s: Row, gap: number, rho: number): boolean {
  const stalled = s.rises <= rho * gap || (!s.halved && s.before >= s.best);
  s.rises = 0;
  s.halved = stalled;
  s.before = s.best;
  if (stalled) s.size /= 2;
  return stalled;
}

/** Fits the entries of a step to what the best point changed. @returns whether it goes back to its best point */
function sparser(s: Row, changed: number, first: number): boolean {
  const fewer = changed / Math.max(1, s.changed) < 0.95;
  s.entries = changed / 1.5;
  s.changed = changed;
  s.size = fewer ? first : Math.max(s.size / 1.5, first / 10);
  return fewer;
}

interface Move {
  /** The points before the step, and those before them. */
  readonly current: Images;
  readonly old: Images;
  readonly limit: Limit;
  readonly state: readonly Row[];
  readonly share: number;
}

/** u = P(x + η·v), then P(x + share·(u − x) + (1 − share)·(x − old)), in place; in l1 u alone. */
function move(images: Images, gradient: Images, { current, old, limit, state, share }: Move): void {
  if (limit.spec.norm === 'l1') {
    for (const [row, { size, entries }] of state.entries())
      limit.take([row]).step(rows(images, row, row + 1), rows(gradient, row, row + 1), [size], {
        entries: Math.max(1, Math.round(entries)),
      });
    return;
  }
  limit.step(
    images,
    gradient,
    state.map(({ size }) => size),
  );
  if (share === 1) return;
  for (let i = 0; i < images.data.length; i++) {
    const x = current.data[i] as number;
    images.data[i] =
      x + share * ((images.data[i] as number) - x) + (1 - share) * (x - (old.data[i] as number));
  }
  limit.project(images);
}

/** Steps after which a row is looked at: gaps that shrink from 22 % to 6 %; in l1 each 4 %. */
function checkpoints(steps: number, even: boolean): Set<number> {
  const share = (of: number): number => Math.max(1, Math.floor(of * steps));
  const found = new Set<number>();
  let gap = share(even ? 0.04 : 0.22);
  for (let at = gap; at <= steps; at += gap) {
    found.add(at);
    if (!even) gap = Math.max(gap - share(0.03), share(0.06));
  }
  return found;
}

/** In linf and l2 a point of the ball's border, in l1 one of the ball. */
function start({ batch, rows: chosen, random, run }: Climb, limit: Limit): Images {
  const images = takeRows(batch.start, chosen);
  const drawn = new Float32Array(rowSize(images));
  const radii = reach(limit);
  const norm = limit.spec.norm as 'linf' | 'l2' | 'l1';
  const add = norm === 'l1' ? addUniform : addBorder;
  for (const [row, from] of chosen.entries())
    add(
      rows(images, row, row + 1).data,
      { norm, radius: radii[row] as number },
      random.stream(batch.ids[from] as string, 'start', run),
      drawn,
    );
  return images;
}

function changedIn(images: Images, clean: Images, row: number): number {
  return distance(rows(images, row, row + 1).data, rows(clean, row, row + 1).data, 'l0-entries', 1);
}

function put(to: Images, from: Images, row: number): void {
  rows(to, row, row + 1).data.set(rows(from, row, row + 1).data);
}
