import type { Answers, GradientAnswer, Kind, Oracle, Question } from '../models/index.ts';
import { textsOf, within } from '../models/index.ts';
import {
  type AnyTensor,
  clone,
  type Images,
  type Limit,
  rowSize,
  rows,
  type Tensor,
  takeRows,
} from '../tensor/index.ts';
import { type Attack, type Goal, kindsOf, type Queries } from './define.ts';
import { joined, joinedGradient, type Repeated, repeated } from './repeated.ts';
import { fools } from './track.ts';

/** When a sample is done before the attack is: once its image fools the model, as it will be judged. */
export interface Stopping {
  readonly goal: Goal;
  readonly limit: Limit;
  /** Classes of images as they are judged, by the model itself: what the attack sees may be a view of it. */
  readonly confirm: (images: Images, ids: readonly string[]) => Promise<Int32Array>;
  /** Whether the attack sees the model itself: its answer about an image as it is judged then needs no other. */
  readonly direct: boolean;
}

export interface ActiveSetOptions {
  readonly ids: readonly string[];
  /** What samples have before anything was yielded. */
  readonly start: Images;
  /** Questions per sample. */
  readonly queries?: Queries | undefined;
  /** Whose kinds of questions and default budget count. */
  readonly attack: Pick<Attack, 'access' | 'opponent' | 'queries'>;
  readonly stopping?: Stopping | undefined;
}

/**
 * The samples that an attack still works on. One that fools the model, or has spent its questions, is frozen: it
 * repeats its last answer (before a first one class -1 and zeros), costs nothing, and keeps its image; its neighbours
 * go on. A sample may be frozen for one kind of question before it is for the others. All oracles of an attack share
 * one set.
 */
export interface ActiveSet {
  /**
   * The oracle, asked about active samples alone.
   * @param options.forward what an answer counts as
   * @param options.cost questions that a row costs: more than 1 behind views that ask several times
   * @param options.stops whether its answers can end a sample
   */
  over(oracle: Oracle, options: { forward: Kind; cost?: Cost; stops?: boolean }): Oracle;
  /** Freezes the samples that fool the model as they are. */
  begin(): Promise<void>;
  /** Notes what the attack has now: samples with no question left keep what is noted then. */
  note(images: Images): void;
  /** The images, as they were noted, with those of frozen samples in their places. The next note may overwrite them. */
  keep(images: Images): Images;
  /** Whether every sample is frozen. */
  finished(): boolean;
}

interface Sample {
  readonly row: number;
  /** What is left of each account. */
  readonly left: number[];
  /** Has no question left, and has had a yield or asked for more since. */
  spent: boolean;
  /** The image with which it fools the model. */
  image?: Float32Array;
  forward?: Repeated;
  gradient?: Repeated;
}

/** Questions that one row costs: one without a gradient, and one with. */
export interface Cost {
  readonly scores: number;
  readonly gradients: number;
}

interface Rule {
  readonly kind: Kind;
  readonly cost: number;
  readonly stops: boolean;
}

export function activeSet({ ids, start, queries, attack, stopping }: ActiveSetOptions): ActiveSet {
  const accounts = accountsOf(queries, attack.queries);
  const samples = new Map(
    ids.map((id, row): [string, Sample] => [id, { row, left: accounts.map((a) => a.limit), spent: false }]),
  );
  const sampleOf = (id: string): Sample | undefined => samples.get(id);
  const kept = accounts.length > 0 ? clone(start) : undefined;
  // An attack that would ask for ever is done once all is spent that is limited; others once they can ask nothing.
  const ends = kindsOf(attack).filter(
    (kind) => attack.queries === undefined || accounts.some((account) => account.kinds.has(kind)),
  );
  /** What the dearest row of each kind costs. */
  const costs = new Map<Kind, number>(ends.map((kind) => [kind, 1]));
  let stopped = 0;

  const payable = ({ left }: Sample, kind: Kind, cost: number): boolean =>
    accounts.every((account, i) => !account.kinds.has(kind) || (left[i] as number) >= cost);
  const exhausted = (sample: Sample): boolean =>
    accounts.length > 0 && [...costs].every(([kind, cost]) => !payable(sample, kind, cost));

  /** Rows of a question that are asked; each is paid for. Those of foreign ids are the oracle's to refuse. */
  const pay = (q: Question, { kind, cost }: Rule): number[] => {
    const asked: number[] = [];
    for (const [i, id] of q.ids.entries()) {
      const sample = sampleOf(id);
      if (sample?.image !== undefined) continue;
      if (sample !== undefined && !payable(sample, kind, cost)) {
        if (exhausted(sample)) sample.spent = true;
        continue;
      }
      for (const [a, account] of accounts.entries())
        if (sample !== undefined && account.kinds.has(kind))
          sample.left[a] = (sample.left[a] as number) - cost;
      asked.push(i);
    }
    return asked;
  };

  const stop = (sample: Sample, image: Float32Array): void => {
    sample.image = image;
    stopped++;
  };

  /** Ends samples whose row fools the model, and remembers the last answer of those that cannot ask again. */
  const learn = async (
    q: Question,
    answers: Answers & Partial<GradientAnswer>,
    rule: Rule,
  ): Promise<void> => {
    if (rule.stops && stopping !== undefined)
      for (const [i, image] of await confirmed(q, answers.classes, stopping)) {
        const sample = sampleOf(q.ids[i] as string) as Sample;
        if (sample.image !== undefined) continue;
        stop(sample, image);
        sample.forward = repeated(answers, i);
        sample.gradient = sample.forward;
      }
    if (accounts.length === 0) return;
    for (const [i, id] of q.ids.entries()) {
      const sample = sampleOf(id) as Sample;
      if (sample.image !== undefined || payable(sample, rule.kind, rule.cost)) continue;
      if (rule.kind === 'gradients') sample.gradient = repeated(answers, i);
      else sample.forward = repeated(answers, i);
    }
  };

  /** Rows that fool the model as they will be judged, with the image that does. */
  const confirmed = async (
    q: Question,
    classes: Int32Array,
    { goal, limit, confirm, direct }: Stopping,
  ): Promise<[row: number, image: Float32Array][]> => {
    const of = q.ids.map((id) => (sampleOf(id) as Sample).row);
    const met = of.flatMap((row, i) => (fools(goal, row, classes[i] as number) ? [i] : []));
    if (met.length === 0) return [];
    const asked = takeRows(q.images, met);
    const judged = limit.take(met.map((i) => of[i] as number)).judged(asked);
    const sure = met.map((_, j) => direct && sameRow(asked, judged, j));
    const unsure = met.flatMap((_, j) => (sure[j] === true ? [] : [j]));
    const found = await confirmAll(
      takeRows(judged, unsure),
      unsure.map((j) => q.ids[met[j] as number] as string),
      confirm,
    );
    for (const [k, j] of unsure.entries())
      sure[j] = fools(goal, of[met[j] as number] as number, found[k] as number);
    return met.flatMap((i, j): [number, Float32Array][] =>
      sure[j] === true ? [[i, rows(judged, j, j + 1).data.slice()]] : [],
    );
  };

  const whole = (q: Question, asked: readonly number[]): boolean => asked.length === q.ids.length;

  return {
    over(oracle, { forward: counts, cost = { scores: 1, gradients: 1 }, stops = false }) {
      for (const [kind, most] of [
        [counts, cost.scores],
        ['gradients', cost.gradients],
      ] as const)
        if (costs.has(kind)) costs.set(kind, Math.max(costs.get(kind) as number, most));
      const answers = async (given: Question): Promise<Answers> => {
        const q = copied(given);
        const rule: Rule = { kind: counts, cost: cost.scores, stops };
        const asked = pay(q, rule);
        if (asked.length === 0 && q.ids.length > 0)
          return joined(oracle, { old: q.ids.map((id) => sampleOf(id)?.forward), asked, fresh: undefined });
        const some = whole(q, asked) ? q : part(q, asked);
        const fresh = await oracle.answers(some);
        await learn(some, fresh, rule);
        if (some === q) return fresh;
        return joined(oracle, { old: q.ids.map((id) => sampleOf(id)?.forward), asked, fresh });
      };
      return Object.freeze<Oracle>({
        name: oracle.name,
        input: oracle.input,
        classes: oracle.classes,
        rowsPerRun: oracle.rowsPerRun,
        access: oracle.access,
        answers: watched(answers),
        scores: watched(async (q) => {
          if (!within('scores', oracle.access)) return oracle.scores(q);
          const { scores } = await answers(q);
          return scores ?? oracle.scores(part(q, []));
        }),
        gradient: watched(async (question, objective, given) => {
          if (!within('gradient', oracle.access)) return oracle.gradient(question, objective, given);
          const q = copied(question);
          const rule: Rule = { kind: 'gradients', cost: cost.gradients, stops };
          const asked = pay(q, rule);
          const old = (): (Repeated | undefined)[] => q.ids.map((id) => sampleOf(id)?.gradient);
          if (asked.length === 0 && q.ids.length > 0)
            return joinedGradient(oracle, q.images, { old: old(), asked, fresh: undefined });
          const some = whole(q, asked) ? q : part(q, asked);
          const own = some === q ? given : takeGiven(given, asked);
          const fresh = await oracle.gradient(some, objective, own);
          await learn(some, fresh, rule);
          return some === q ? fresh : joinedGradient(oracle, q.images, { old: old(), asked, fresh });
        }),
      });
    },
    async begin() {
      if (stopping === undefined) return;
      const judged = stopping.limit.judged(start);
      const classes = await stopping.confirm(judged, ids);
      for (const sample of samples.values())
        if (fools(stopping.goal, sample.row, classes[sample.row] as number))
          stop(sample, rows(judged, sample.row, sample.row + 1).data.slice());
    },
    note(images) {
      if (kept === undefined) return;
      for (const sample of samples.values()) {
        const { row, spent, image } = sample;
        if (spent || image !== undefined) continue;
        rows(kept, row, row + 1).data.set(rows(images, row, row + 1).data);
        // Alone it would be stopped here: what others still yield changes it no more.
        sample.spent = exhausted(sample);
      }
    },
    keep(images) {
      if (kept === undefined && stopped === 0) return images;
      const out = kept ?? clone(images);
      const size = rowSize(out);
      for (const { row, image } of samples.values()) if (image !== undefined) out.data.set(image, row * size);
      return out;
    },
    finished: () =>
      (stopped > 0 || accounts.length > 0) &&
      [...samples.values()].every((sample) => sample.image !== undefined || exhausted(sample)),
  };
}

/** An answer for which nobody waits must not end the process when it is refused. */
function watched<A extends unknown[], T>(ask: (...given: A) => Promise<T>): (...given: A) => Promise<T> {
  return (...given) => {
    const answer = ask(...given);
    answer.catch(() => undefined);
    return answer;
  };
}

interface Account {
  readonly kinds: ReadonlySet<Kind>;
  readonly limit: number;
}

const forward: ReadonlySet<Kind> = new Set(['decisions', 'scores']);

/** @param usual for decisions and scores together, where nothing is said of them */
function accountsOf(queries: Queries | undefined, usual: number | undefined): Account[] {
  const said: Account[] =
    typeof queries === 'number'
      ? [{ kinds: forward, limit: queries }]
      : Object.entries(queries ?? {}).map(([kind, limit]) => ({ kinds: new Set([kind as Kind]), limit }));
  const limited = said.some((account) => [...account.kinds].some((kind) => forward.has(kind)));
  return limited || usual === undefined ? said : [...said, { kinds: forward, limit: usual }];
}

/** What is asked must not change between being paid for and being answered. */
function copied({ images, ids, draw }: Question): Question {
  return { images: { ...images }, ids: textsOf(ids), ...(draw && { draw: draw.slice() }) };
}

function part(q: Question, which: readonly number[]): Question {
  return {
    images: takeRows(q.images, which),
    ids: which.map((i) => q.ids[i] as string),
    ...(q.draw && { draw: Uint32Array.from(which, (i) => q.draw?.[i] as number) }),
  };
}

function takeGiven(
  given: Readonly<Record<string, AnyTensor>>,
  which: readonly number[],
): Record<string, AnyTensor> {
  return Object.fromEntries(
    Object.entries(given).map(([name, t]) => [name, takeRows(t as Tensor, which) as AnyTensor]),
  );
}

function sameRow(a: Images, b: Images, row: number): boolean {
  const other = rows(b, row, row + 1).data;
  return rows(a, row, row + 1).data.every((v, i) => v === other[i]);
}

function confirmAll(
  images: Images,
  ids: readonly string[],
  confirm: Stopping['confirm'],
): Promise<Int32Array> {
  return ids.length === 0 ? Promise.resolve(new Int32Array()) : confirm(images, ids);
}
