import {
  type Attack,
  type Goal,
  type GoalKind,
  type Opened,
  openAttack,
  type Queries,
  runWithin,
  wrongImages,
} from '../attacks/index.ts';
import {
  type Access,
  argmax,
  asked,
  byKind,
  type Classifier,
  type Flag,
  type Kind,
  type Meter,
  scoresOf,
} from '../models/index.ts';
import {
  AdvarenaError,
  allFinite,
  clone,
  type Images,
  type LimitSpec,
  limitOf,
  type Pixels,
  randomOf,
  sizeOf,
  type Tensor,
} from '../tensor/index.ts';
import { ownFailure } from './own-failure.ts';
import type { ResolvedAttack } from './specs.ts';
import { type IdleView, idleViews } from './suspicions.ts';

/** What an attack is to do to which samples, beside its models. */
export interface Assignment {
  limit: LimitSpec;
  /** How images will be judged. */
  pixels: Pixels;
  /** uint8 [rows, 1, H, W], for a limit of the region `mask`. */
  masks?: Tensor<'uint8'>;
  goal: GoalKind;
  /** Of the attack's role: see `roleSeed`. */
  seed: string;
  ids: readonly string[];
  /** float32 [rows, C, H, W] in [0,1]. */
  images: Images;
  /** Classes to leave; undefined: the model's own answers on the clean images, as in 2017. */
  labels?: Int32Array;
  /** Classes to reach, for the goal `targeted`. */
  targets?: Int32Array;
  /** Questions per sample; the attack's own default where nothing is said. */
  queries?: Queries;
  /** Leaves samples alone once they fool the judged model. */
  stopEarly?: boolean;
  /** The attack is stopped between two steps once this much time has passed. */
  seconds?: number;
}

/** The models of an attack. */
export interface Parties {
  /** What it works on: its sources as one, or the judged model. */
  model: Classifier | undefined;
  /** Its sources one by one. */
  members?: readonly Classifier[];
  /** The judged model, where it is asked beside the sources. */
  opponent?: { model: Classifier; granted: Access };
  /** How far the model is granted. @default gradient */
  granted?: Access;
}

/** What an attack proposes; nothing of it is believed before it is judged. All lists are in the order of the ids. */
export interface Proposal {
  images: Images;
  /** Classes that were to be left or reached: those that the model itself named included. */
  classes: Int32Array;
  /** Rows asked by the attack. */
  counts: Record<Kind, number[]>;
  /** Rows asked by the runner: about clean images, and whether a sample is done. */
  confirmations: number;
  /** Stopped by the clock: the images are the best so far. */
  timedOut: boolean;
  /** Images for which some gradient was zero in every pixel, and for which one was not finite. */
  zero: number;
  notFinite: number;
  flags: Flag[];
  /** Of the views that were asked for: the attack's own are its affair. */
  idle: IdleView[];
}

export interface Watch {
  /** After each step. */
  step?(done: number): void;
  /** Lets a stop come in; throws when one was asked. */
  pause?(): Promise<void>;
}

/**
 * Runs an attack in this thread, sealed and metered.
 * @throws AdvarenaError ATTACK_IMAGES where what it returns has another shape or is not finite; ATTACK_FAILED for
 *   whatever it throws itself; what its models throw is thrown as it is
 */
export async function makeImages(
  parties: Parties,
  { attack, options, views }: ResolvedAttack,
  assignment: Assignment,
  watch: Watch = {},
): Promise<Proposal> {
  const { ids, images, pixels, masks } = assignment;
  const made = { pixels, lent: true, ...(masks && { masks }) };
  const confirming = confirmer(parties);
  const goal = await goalOf(confirming, assignment);
  const stops = parties.opponent !== undefined && attack.opponent !== undefined ? 'opponent' : 'model';
  const stopping =
    assignment.stopEarly === true && attack.radius === 'fixed'
      ? {
          goal,
          limit: limitOf(assignment.limit, images, made),
          confirm: (judged: Images, names: readonly string[]) => confirming.classes(judged, names, stops),
          stops,
        }
      : undefined;
  const opened = openAttack({
    attack,
    options,
    views,
    ...parties,
    ids,
    images,
    goal,
    // A limit of its own: whatever an attack does to it, the judge has another. Of the images it is given copies.
    limit: limitOf(assignment.limit, images, made),
    random: randomOf(assignment.seed, `attack/${attack.name}`),
    queries: assignment.queries,
    stopping: stopping as typeof stopping & { stops: 'model' | 'opponent' },
  });
  const { meter } = opened;
  try {
    return {
      ...(await runOf(attack, opened, assignment, watch)),
      classes: goal.classes,
      counts: countsOf(meter, ids),
      confirmations: confirming.asked(),
      zero: meter.zero.size,
      notFinite: meter.notFinite.size,
      flags: [parties.model, ...(parties.members ?? [])].flatMap((m) => m?.flags ?? []),
      idle: idleViews(
        views.slice(0, views.length - (attack.through?.length ?? 0)),
        parties.members ?? (parties.model ? [parties.model] : []),
      ),
    };
  } finally {
    opened.end();
  }
}

/** Runs it to its end, to that of its questions, or to the clock's. */
async function runOf(
  attack: Attack,
  { context, set, trouble }: Opened,
  { images, seconds }: Assignment,
  watch: Watch,
): Promise<Pick<Proposal, 'images' | 'timedOut'>> {
  await set.begin();
  const deadline = seconds === undefined ? Number.POSITIVE_INFINITY : performance.now() + seconds * 1000;
  const run = runWithin(attack, context, set);
  let result = set.keep(images);
  let timedOut = false;
  if (!set.finished() || attack.access === 'none')
    for (let done = 1; ; done++) {
      const next = await run.next().catch((error: unknown) => {
        throw trouble.error ?? ownFailure(attack, error);
      });
      result = next.value;
      if (next.done === true) break;
      watch.step?.(done);
      await watch.pause?.();
      if (performance.now() > deadline) {
        timedOut = true;
        result = set.keep(result);
        await run.return(result);
        break;
      }
    }
  // An attack that swallows what broke in its models does not make it whole.
  if (trouble.error !== undefined) throw trouble.error;
  if (result.data.length !== sizeOf(result.shape)) throw wrongImages(attack, 'images whose memory is gone');
  // A copy: the attack may still hold what it returned.
  const proposed = clone(result);
  if (!allFinite(proposed.data)) throw wrongImages(attack, 'pixels that are not finite');
  return { images: proposed, timedOut };
}

interface Confirmer {
  /** Scores of clean images by the model that the attack works on. */
  scores(images: Images, ids: readonly string[]): Promise<Tensor>;
  /**
   * Classes that the model which the attack works on gives clean images; where it abstains, of the largest score. A row
   * without numbers has 0: nothing depends on it.
   */
  named(images: Images, ids: readonly string[]): Promise<Int32Array>;
  /** Classes by the model that is judged. */
  classes(images: Images, ids: readonly string[], of: 'model' | 'opponent'): Promise<Int32Array>;
  /** Rows asked so far. */
  asked(): number;
}

/**
 * Draws of the runner's questions are numbered from here, far from those of attacks. What asks n draws of each numbers
 * them by n times this, modulo 2³²: a power of two would come to 0.
 */
const firstOwn = 0x9e37_79b1;

/** The runner's own questions: below the views, and counted apart. Each is of a draw of its own. */
function confirmer({ model, opponent }: Parties): Confirmer {
  const numbers = new Map<string, number>();
  let count = 0;
  const question = (images: Images, ids: readonly string[]) => {
    count += ids.length;
    const draw = Uint32Array.from(ids, (id) => {
      const number = numbers.get(id) ?? firstOwn;
      numbers.set(id, number + 1);
      return number;
    });
    return { ...asked(images, ids), draw };
  };
  const needed = (of: Classifier | undefined): Classifier => {
    if (of !== undefined) return of;
    throw new AdvarenaError('SOURCES', 'Several sources that cannot be one have no answers of their own.', {
      remedy: 'Attack the true labels, or give one source.',
    });
  };
  return {
    scores: async (images, ids) => {
      const answers = await needed(model).answers(question(images, ids));
      return scoresOf(answers, model?.name);
    },
    named: async (images, ids) => {
      const { classes, scores } = await needed(model).answers(question(images, ids));
      const largest = scores && argmax(scores);
      return classes.map((own, i) => (own < 0 ? Math.max(0, largest?.[i] ?? 0) : own));
    },
    classes: async (images, ids, of) => {
      const judged = of === 'opponent' ? opponent?.model : model;
      return (await needed(judged).answers(question(images, ids))).classes;
    },
    asked: () => count,
  };
}

/** The classes in question. Those that the model itself names are asked of it by the runner. */
async function goalOf(confirming: Confirmer, a: Assignment): Promise<Goal> {
  if (a.goal === 'targeted') return { kind: 'targeted', classes: a.targets as Int32Array };
  if (a.goal === 'untargeted')
    return {
      kind: 'untargeted',
      classes: a.labels ?? (await confirming.named(a.images, a.ids)),
    };
  const scores = await confirming.scores(a.images, a.ids);
  return { kind: 'targeted', classes: leastLikely(scores, a.labels) };
}

/** The class of the smallest score of each row, the true one apart; the first of equals. */
function leastLikely(scores: Tensor, labels: Int32Array | undefined): Int32Array {
  const [count = 0, classes = 0] = scores.shape;
  return Int32Array.from({ length: count }, (_, i) => {
    let least = -1;
    for (let k = 0; k < classes; k++) {
      if (k === labels?.[i]) continue;
      const z = scores.data[i * classes + k] as number;
      if (least < 0 || z < (scores.data[i * classes + least] as number)) least = k;
    }
    return least;
  });
}

function countsOf({ counts }: Meter, ids: readonly string[]): Record<Kind, number[]> {
  return byKind((kind) => ids.map((id) => counts[kind].get(id) ?? 0));
}
