import type { Access } from '../models/index.ts';
import {
  asked,
  type Classifier,
  type Flag,
  type ModelSize,
  type Subject,
  topMargins,
} from '../models/index.ts';
import type { Job, JobContext } from '../runtime/index.ts';
import { type Images, randomOf, type Tensor, toFloat } from '../tensor/index.ts';
import { type Assignment, makeImages, type Parties, type Proposal, type Watch } from './make-images.ts';
import { roleSeed } from './secrets.ts';
import { type AttackSpec, openSubject, resolveAttack } from './specs.ts';

/** Most models that a host keeps compiled; the one unused longest goes first. */
const keptModels = 16;

export interface AttackWork extends Assignment {
  attack: AttackSpec;
  /** What the attack works on; none for attacks of access `none`. */
  model?: Subject;
  /** Its sources one by one, where it takes them so. */
  members?: readonly Subject[];
  opponent?: { model: Subject; granted: Access };
  granted?: Access;
}

export interface PredictWork {
  subject: Subject;
  /** Names of the images, by which the judge's draws are keyed: see `nameOf`. */
  ids: readonly string[];
  /** Float32 in [0,1], or 8-bit levels, a quarter of the message. */
  images: Images | Tensor<'uint8'>;
  /** Draws asked of a random model, from 0. @default 1 */
  draws?: number;
}

export interface Predictions {
  /** Per draw the class of each row; -1 where the defense abstains. One draw where the model is not random. */
  classes: Int32Array[];
  /** Largest minus second largest logit in the first draw; NaN where there are no scores. */
  margins: Float64Array;
  /** Rows answered with scores that are not numbers, in any draw. */
  nan: number;
  /** Rows whose largest score is infinity, in any draw. */
  infinite: number;
  /** Rows of logits that look like probabilities, in any draw. */
  shares: number;
  random: boolean;
  flags: readonly Flag[];
}

/** The job of making images, for a host. Progress values are {@link AttackProgress}. */
export function attackJob(work: AttackWork): Job {
  return { module: import.meta.url, name: 'attack', data: work };
}

/** The job of classifying images, for a host. */
export function predictJob(work: PredictWork): Job {
  return { module: import.meta.url, name: 'predict', data: work };
}

export interface AttackProgress {
  step: number;
}

/** Runs in a host: see {@link attackJob}. */
export async function attack(data: unknown, context: JobContext): Promise<Proposal> {
  const { attack: spec, model, members, opponent, granted, ...assignment } = data as AttackWork;
  const open = (subject: Subject): Promise<Classifier> =>
    cached(context, `attack ${assignment.seed}`, subject, sizeOf(assignment.images), assignment.seed);
  const parties: Parties = {
    model: model && (await open(model)),
    ...(members && { members: await Promise.all(members.map(open)) }),
    ...(opponent && { opponent: { model: await open(opponent.model), granted: opponent.granted } }),
    ...(granted && { granted }),
  };
  return makeImages(parties, resolveAttack(spec), assignment, seldom(context));
}

/** Milliseconds between two messages: steps of small networks are shorter than a message takes. */
const messageEvery = 50;

function seldom(context: JobContext): Watch {
  let next = performance.now() + messageEvery;
  let due = false;
  return {
    step(step) {
      const now = performance.now();
      due = now >= next;
      if (!due) return;
      next = now + messageEvery;
      context.progress({ step } satisfies AttackProgress);
    },
    pause: () => (due ? context.pause() : Promise.resolve()),
  };
}

/** Runs in a host: see {@link predictJob}. Its sessions are other ones than the attack's. */
export async function predict(data: unknown, context: JobContext): Promise<Predictions> {
  const { images: given, ...work } = data as PredictWork;
  const images = given.dtype === 'uint8' ? toFloat(given) : given;
  const model = await cached(context, 'judge', work.subject, sizeOf(images), judgeSeed);
  await context.pause();
  return predictWith(model, { ...work, images });
}

/** The judge's draws are keyed by the names of samples, which follow from its secret: no seed but this is needed. */
export const judgeSeed = 'judge';

/** Classifies in this thread. */
export async function predictWith(
  model: Classifier,
  { ids, images, draws = 1 }: Omit<PredictWork, 'subject' | 'images'> & { images: Images },
): Promise<Predictions> {
  const classes: Int32Array[] = [];
  let margins: Float64Array = new Float64Array(ids.length).fill(Number.NaN);
  const marked = { nan: new Set<number>(), infinite: new Set<number>(), shares: new Set<number>() };
  for (let draw = 0; draw < (model.random ? draws : 1); draw++) {
    const answers = await model.answers(asked(images, ids, draw));
    classes.push(answers.classes);
    if (draw === 0 && answers.scores !== undefined) margins = topMargins(answers.scores);
    for (const [kind, rows] of Object.entries(marked))
      for (const [i, mark] of answers.extra?.[kind]?.entries() ?? []) if (mark > 0) rows.add(i);
  }
  const { nan, infinite, shares } = marked;
  return {
    classes,
    margins,
    nan: nan.size,
    infinite: infinite.size,
    shares: shares.size,
    random: model.random,
    flags: flagsOf(model, draws),
  };
}

/** A network that draws says so itself; defenses do not. */
function flagsOf(model: Classifier, draws: number): Flag[] {
  if (!model.random || model.flags.some((f) => f.code === 'RANDOM')) return [...model.flags];
  const message = `${model.name} draws at random: figures are over ${draws} of its draws.`;
  return [...model.flags, { code: 'RANDOM', message }];
}

function sizeOf(images: Images): ModelSize {
  const [, channels = 0, height = 0, width = 0] = images.shape;
  return { channels, height, width };
}

async function cached(
  context: JobContext,
  role: string,
  subject: Subject,
  size: ModelSize,
  seed: string,
): Promise<Classifier> {
  const prefix = 'model/';
  const key = `${prefix}${role}/${JSON.stringify([subject, size])}`;
  const found = context.cache.get(key) as Promise<Classifier> | undefined;
  context.cache.delete(key);
  const model = found ?? openSubject(subject, { size, random: randomOf(roleSeed(seed, 'model'), 'model') });
  context.cache.set(key, model);
  model.catch(() => context.cache.delete(key));
  const models = [...context.cache.keys()].filter((k) => k.startsWith(prefix));
  for (const old of models.slice(0, Math.max(0, models.length - keptModels))) {
    const dropped = context.cache.get(old) as Promise<Classifier>;
    context.cache.delete(old);
    await (await dropped).release();
  }
  return model;
}
