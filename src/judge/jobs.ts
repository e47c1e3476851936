import { argmax, type Classifier, type Flag, type ModelSize, topMargins } from '../models/index.ts';
import type { Job, JobContext } from '../runtime/index.ts';
import type { Images } from '../tensor/index.ts';
import { type Assignment, makeImages, type Proposal, type Watch } from './make-images.ts';
import { noModel } from './no-model.ts';
import { type AttackSpec, openSubject, resolveAttack, type Subject } from './specs.ts';

/** Most models that a host keeps compiled; the one unused longest goes first. */
const keptModels = 16;

export interface AttackWork extends Assignment {
  /** What the attack may open; none for attacks of access `none`. */
  source?: Subject;
  attack: AttackSpec;
}

export interface PredictWork {
  subject: Subject;
  ids: readonly string[];
  images: Images;
}

export interface Predictions {
  /** Class per row; -1 where the defense abstains. */
  classes: Int32Array;
  /** Largest minus second largest logit. */
  margins: Float64Array;
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
  const work = data as AttackWork;
  const resolved = resolveAttack(work.attack);
  const size = sizeOf(work.images);
  const model =
    work.source === undefined
      ? noModel(size, work.images.shape[1] ?? 0)
      : await cached(context, 'attack', work.source, size);
  return makeImages(model, resolved, work, seldom(context));
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
  const work = data as PredictWork;
  const model = await cached(context, 'judge', work.subject, sizeOf(work.images));
  await context.pause();
  return predictWith(model, work);
}

/** Classifies in this thread. */
export async function predictWith(
  model: Classifier,
  work: { ids: readonly string[]; images: Images },
): Promise<Predictions> {
  const scores = await model.scores({ images: work.images, ids: work.ids });
  return { classes: argmax(scores), margins: topMargins(scores), flags: model.flags };
}

function sizeOf(images: Images): ModelSize {
  return { height: images.shape[2] ?? 0, width: images.shape[3] ?? 0 };
}

async function cached(
  context: JobContext,
  role: string,
  subject: Subject,
  size: ModelSize,
): Promise<Classifier> {
  const prefix = 'model/';
  const key = `${prefix}${role}/${JSON.stringify([subject, size])}`;
  const found = context.cache.get(key) as Promise<Classifier> | undefined;
  context.cache.delete(key);
  const model = found ?? openSubject(subject, { size });
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
