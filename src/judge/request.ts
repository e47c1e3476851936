import { type Attack, type GoalKind, kindsOf, leastClassesOf, type Queries } from '../attacks/index.ts';
import type { EntrySpec, Options } from '../catalog/index.ts';
import { type Access, type Classifier, type Kind, within } from '../models/index.ts';
import type { Hosts } from '../runtime/index.ts';
import {
  AdvarenaError,
  checkEpsilon,
  epsilonText,
  type Images,
  type LimitSpec,
  type Norm,
  type Pixels,
  type Tensor,
  toFloat,
} from '../tensor/index.ts';
import { refuseSources } from './sources.ts';

export interface AttackRequest {
  /** uint8 or float32 in [0,1], [N, C, H, W]; 8-bit judging wants 8-bit images. */
  images: Tensor<'uint8'> | Images;
  /** Classes from 0, one per image. */
  labels: ArrayLike<number>;
  /** Names of the images; row numbers by default. */
  ids?: readonly string[];
  /**
   * In pixel units of [0,1] (for the l0 norms a number of pixels or entries); several for a result each. `free`, with a
   * region: any pixels within it. A minimum-norm attack is judged at each, and with no bound where none is given.
   */
  epsilon?: number | 'free' | readonly number[] | undefined;
  /** @default linf, or the attack's only norm */
  norm?: Norm;
  /** Where pixels may change: each image's mask, or the best square of a share of the area. */
  region?: LimitSpec['region'];
  /** uint8 [N, 1, H, W], 1 where pixels may change: for the region `mask`. */
  masks?: Tensor<'uint8'>;
  /** @default untargeted if the attack can, else targeted */
  goal?: GoalKind;
  /** Classes to reach, for the goal `targeted`. */
  targets?: ArrayLike<number>;
  /** Attack the true labels, or the model's own answers on the clean images. @default true */
  labelsFrom?: 'true' | 'predicted';
  /** Options of the attack. */
  options?: Options;
  /** Views, the outermost first, such as `bpda`. */
  through?: readonly (string | EntrySpec)[];
  /** What the attack may open in the place of the judged model; several are one ensemble, or taken one by one. */
  sources?: readonly Classifier[];
  /** How far attacks may ask the judged model beside their sources; as far as they declare by default. */
  opponent?: Access;
  /** Questions per image, restarts and attacks within attacks included. */
  queries?: Queries;
  /** Draws that the judge asks of a random model. @default 1 */
  draws?: number;
  /** @default 8-bit */
  pixels?: Pixels;
  /** @default 0 */
  seed?: number;
  /** Leave images alone once they fool the model, which is not random. Ignored where it is not what the attack asks. */
  stopEarly?: boolean;
  /**
   * How many hosts work at once, or hosts already open; as many as the machine has threads by default, one where the
   * model runs on a graphics card.
   */
  hosts?: number | Hosts;
  onProgress?: (progress: { done: number; total: number; step: number }) => void;
  signal?: AbortSignal;
}

/** A request with every default filled in, checked against attack and model. */
export interface Checked {
  readonly images: Images;
  readonly ids: readonly string[];
  readonly labels: Int32Array;
  readonly targets: Int32Array | undefined;
  readonly goal: GoalKind;
  readonly norm: Norm;
  /** A limit for each result. */
  readonly limits: readonly LimitSpec[];
  readonly pixels: Pixels;
  /** How far it may ask the judged model: where that is all it works on, and beside its sources. */
  readonly granted: { readonly model: Access; readonly opponent: Access };
}

/**
 * @throws AdvarenaError ID, LABEL, TARGET, PIXELS for what the images are told; EPSILON, REGION, ATTACK_NORM, ATTACK_GOAL,
 *   SOURCES, OPPONENT, QUERIES, CLASSES for what the attack cannot do; DRAWS
 */
export function checkRequest(model: Classifier, attack: Attack, request: AttackRequest): Checked {
  const images = request.images.dtype === 'uint8' ? toFloat(request.images) : request.images;
  const pixels = request.pixels ?? '8-bit';
  if (pixels === '8-bit' && request.images.dtype !== 'uint8') refuseFloat(images);
  const count = images.shape[0] ?? 0;
  const ids = request.ids ?? Array.from({ length: count }, (_, i) => String(i));
  checkIds(ids, count);
  const labels = checkClasses('label', request.labels, model, ids);
  const targets =
    request.targets === undefined ? undefined : checkClasses('target', request.targets, model, ids);
  if (targets !== undefined) refuseOwnTarget(labels, targets, ids);
  const goal = request.goal ?? (attack.goals.includes('untargeted') ? 'untargeted' : 'targeted');
  const norm = request.norm ?? defaultNorm(attack);
  refuseUnsuited(attack, { norm, goal, region: request.region, hasTargets: targets !== undefined });
  refuseFewClasses(model, attack, request.options, goal);
  refuseQueries(attack, request.queries);
  refuseDraws(request.draws);
  if (request.stopEarly === true && model.random && asksJudged(attack, request))
    throw new AdvarenaError(
      'STOP_EARLY',
      `${model.name} draws at random: what fools it once may not again.`,
      {
        remedy: 'Leave early stop out for random models.',
      },
    );
  refuseSources(model, attack, request.sources);
  const granted = {
    model: request.opponent ?? 'gradient',
    opponent: request.opponent ?? attack.opponent ?? 'none',
  };
  if (attack.opponent !== undefined) refuseOpponent(attack, attack.opponent, granted.opponent);
  if (request.sources === undefined) refuseOpponent(attack, attack.access, granted.model);
  return {
    images,
    ids,
    labels,
    targets,
    goal,
    norm,
    limits: limitsOf(attack, norm, request),
    pixels,
    granted,
  };
}

/** Whether the attack asks the judged model: on its own, or beside its sources. */
export function asksJudged({ opponent }: Attack, { sources }: Pick<AttackRequest, 'sources'>): boolean {
  return sources === undefined || opponent !== undefined;
}

/** The norm where none is given. */
export function defaultNorm({ norms }: Attack): Norm {
  return norms.includes('linf') ? 'linf' : (norms[0] ?? 'linf');
}

function limitsOf(attack: Attack, norm: Norm, { epsilon, region }: AttackRequest): LimitSpec[] {
  const withRegion = region === undefined ? {} : { region };
  const free: LimitSpec = { norm, epsilon: 'free', ...withRegion };
  const refuse = (message: string, remedy: string): never => {
    throw new AdvarenaError('EPSILON', message, { remedy });
  };
  if (epsilon === undefined || epsilon === 'free') {
    if (attack.radius === 'minimum' || (epsilon === 'free' && region !== undefined)) return [free];
    return epsilon === undefined
      ? refuse(
          `The attack ${attack.name} works inside a radius, and none is given.`,
          'Give --epsilon, such as 8/255, or take an attack of minimum norm.',
        )
      : refuse(
          'Without a bound an attack could paint any image.',
          'Give a radius, or a region for it to work in: --mask FILE, or --area SHARE of the image.',
        );
  }
  const all = typeof epsilon === 'number' ? [epsilon] : epsilon;
  if (all.length === 0) refuse('The list of epsilons is empty.', 'Give at least one.');
  for (const e of all) checkEpsilon(norm, e);
  const twice = all.find((e, i) => all.indexOf(e) < i);
  if (twice !== undefined)
    refuse(`The epsilon ${epsilonText(norm, twice)} stands there twice.`, 'Leave one of them out.');
  return all.map((e) => ({ norm, epsilon: e, ...withRegion }));
}

/** What an attack cannot do. @throws AdvarenaError ATTACK_NORM, ATTACK_GOAL, REGION */
export function refuseUnsuited(
  attack: Attack,
  asked: { norm: Norm; goal: GoalKind; region: LimitSpec['region']; hasTargets: boolean },
): void {
  const { norm, goal, region, hasTargets } = asked;
  if (!attack.norms.includes(norm))
    throw new AdvarenaError('ATTACK_NORM', `The attack ${attack.name} does not work in ${norm}.`, {
      remedy: `Choose one of its norms: ${attack.norms.join(', ')}.`,
    });
  if (!attack.goals.includes(goal))
    throw new AdvarenaError('ATTACK_GOAL', `The attack ${attack.name} has no ${goal} form.`, {
      remedy: `Choose one of its goals: ${attack.goals.join(', ')}.`,
    });
  if (goal === 'targeted' && !hasTargets)
    throw new AdvarenaError('ATTACK_GOAL', 'A targeted attack needs target classes.', {
      remedy: 'Give targets: --targets next|random|csv|FILE.npy, or a column TargetClass in the labels.',
    });
  if (attack.region === 'needed' && region === undefined)
    throw new AdvarenaError('REGION', `The attack ${attack.name} works in a region of the image.`, {
      remedy: 'Give one: --mask FILE, or --area SHARE of the image.',
    });
}

/** @throws AdvarenaError CLASSES for a model that has fewer than the attack's loss needs; OPTION */
function refuseFewClasses(
  model: Classifier,
  attack: Attack,
  given: AttackRequest['options'],
  goal: GoalKind,
): void {
  const least = leastClassesOf(attack, given, goal);
  if (model.classes >= least) return;
  throw new AdvarenaError(
    'CLASSES',
    `The attack ${attack.name} needs ${least} classes with its loss, and ${model.name} has ${model.classes}.`,
    { remedy: 'Take another loss, such as loss=margin, or another attack.' },
  );
}

/** @throws AdvarenaError QUERIES for kinds that the attack never asks, and for what is no number of questions */
export function refuseQueries(attack: Attack, queries: Queries | undefined): void {
  if (queries === undefined) return;
  const asks = kindsOf(attack);
  const limits: [Kind | 'decisions or scores', number][] =
    typeof queries === 'number'
      ? [['decisions or scores', queries]]
      : (Object.entries(queries) as [Kind, number][]);
  for (const [kind, limit] of limits) {
    if (!Number.isSafeInteger(limit) || limit < 1)
      throw new AdvarenaError('QUERIES', `${limit} is no number of questions.`, {
        remedy: 'Give a whole number of at least 1.',
      });
    const known = kind === 'decisions or scores' ? asks.some((k) => k !== 'gradients') : asks.includes(kind);
    if (!known)
      throw new AdvarenaError('QUERIES', `The attack ${attack.name} asks for no ${kind}.`, {
        remedy:
          asks.length === 0 ? 'It asks nothing: leave the limit out.' : `It asks for ${asks.join(' and ')}.`,
      });
  }
}

function refuseOpponent({ name }: Attack, asked: Access, granted: Access): void {
  if (within(asked, granted)) return;
  throw new AdvarenaError('OPPONENT', `The attack ${name} asks the judged model for ${asked}.`, {
    remedy: `Grant it: --opponent ${asked} (opponent: '${asked}').`,
  });
}

function refuseDraws(draws = 1): void {
  if (Number.isSafeInteger(draws) && draws >= 1) return;
  throw new AdvarenaError('DRAWS', `${draws} is no number of draws.`, {
    remedy: 'Give a whole number of at least 1.',
  });
}

/** Random draws and counts are kept by name: two images of one name would share them. */
function checkIds(ids: readonly string[], count: number): void {
  const twice = new Set(ids).size < ids.length ? ids.find((id, i) => ids.indexOf(id) < i) : undefined;
  if (ids.length === count && twice === undefined) return;
  throw new AdvarenaError(
    'ID',
    twice === undefined
      ? `There are ${ids.length} ids for ${count} images.`
      : `Two images have the id "${twice}".`,
    { remedy: 'Give every image an id of its own.' },
  );
}

function checkClasses(
  what: string,
  given: ArrayLike<number>,
  model: Classifier,
  ids: readonly string[],
): Int32Array {
  const code = what === 'label' ? 'LABEL' : 'TARGET';
  if (given.length !== ids.length)
    throw new AdvarenaError(code, `There are ${given.length} ${what}s for ${ids.length} images.`, {
      remedy: `Give one ${what} per image.`,
    });
  return Int32Array.from(given, (c, i) => {
    if (!Number.isInteger(c) || c < 0 || c >= model.classes)
      throw new AdvarenaError(
        code,
        `The ${what} of image ${ids[i]} is class ${c}; ${model.name} has ${model.classes} classes, counted from 0.`,
        {
          remedy: 'Check the labels, and the label offset of the model.',
        },
      );
    return c;
  });
}

function refuseOwnTarget(labels: Int32Array, targets: Int32Array, ids: readonly string[]): void {
  const at = targets.findIndex((t, i) => t === labels[i]);
  if (at >= 0)
    throw new AdvarenaError('TARGET', `The target of image ${ids[at]} is its true label.`, {
      remedy: 'Give every image another class as its target.',
    });
}

/** 8-bit figures of images that are not 8-bit would judge an image that was never attacked. */
function refuseFloat(images: Images): void {
  for (const v of images.data) {
    if (Math.abs(v * 255 - Math.round(v * 255)) > 1e-3)
      throw new AdvarenaError(
        'PIXELS',
        'The images are not 8-bit: they hold values between the levels of 1/255.',
        {
          remedy: 'Judge them without rounding: --pixels float32 (pixels: "float32").',
        },
      );
  }
}
