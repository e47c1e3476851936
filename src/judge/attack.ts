import type { Attack, GoalKind } from '../attacks/index.ts';
import { type EntrySpec, parseOptions } from '../catalog/index.ts';
import type { Classifier, Flag } from '../models/index.ts';
import { defaultHosts, type Hosts, openHosts, planShards } from '../runtime/index.ts';
import {
  AdvarenaError,
  concatRows,
  distances,
  type Images,
  type Norm,
  rows,
  type Tensor,
  toFloat,
} from '../tensor/index.ts';
import { type AttackProgress, attackJob, type Predictions, predictJob, predictWith } from './jobs.ts';
import { type Judged, judgeImages, type Pixels } from './judge-images.ts';
import { type Assignment, makeImages, type Proposal, zeroGradients } from './make-images.ts';
import { type AttackSpec, attackSpecOf, openSubject, resolveViews, subjectOf } from './specs.ts';

export interface AttackRequest {
  /** uint8 or float32 in [0,1], [N, C, H, W]; 8-bit judging wants 8-bit images. */
  images: Tensor<'uint8'> | Images;
  /** Classes from 0, one per image. */
  labels: ArrayLike<number>;
  /** Names of the images; row numbers by default. */
  ids?: readonly string[];
  /** In pixel units of [0,1]. */
  epsilon: number;
  /** @default linf */
  norm?: Norm;
  /** @default untargeted if the attack can, else targeted */
  goal?: GoalKind;
  /** Classes to reach, for the goal `targeted`. */
  targets?: ArrayLike<number>;
  /** Attack the true labels, or the source's own answers on the clean images. @default true */
  labelsFrom?: 'true' | 'predicted';
  /** Options of the attack. */
  options?: Readonly<Record<string, unknown>>;
  /** Views, the outermost first, such as `bpda`. */
  through?: readonly (string | EntrySpec)[];
  /** What the attack may open; the judged model by default (white box). */
  source?: Classifier;
  /** @default 8-bit */
  pixels?: Pixels;
  /** @default 0 */
  seed?: number;
  /** Leave images alone once they fool the model. Ignored where `source` is another model. */
  stopEarly?: boolean;
  /**
   * How many hosts work at once, or hosts already open; as many as the machine has threads by default, one where the
   * model runs on a graphics card.
   */
  hosts?: number | Hosts;
  onProgress?: (progress: { done: number; total: number; step: number }) => void;
  signal?: AbortSignal;
}

/** One image's fate. Classes from 0. */
export interface SampleResult {
  id: string;
  label: number;
  target?: number;
  /** Answer on the clean image. */
  clean: number;
  /** Answer on the adversarial image. */
  adversarial: number;
  /** Largest minus second logit on the adversarial image. */
  margin: number;
  /** Right when clean and now wrong; targeted and least-likely: now the target. */
  success: boolean;
  linf: number;
  l2: number;
  queries: number;
}

export interface AttackResult {
  model: string;
  attack: string;
  options: Record<string, unknown>;
  norm: Norm;
  epsilon: number;
  pixels: Pixels;
  goal: GoalKind;
  /** Over all images. */
  cleanAccuracy: number;
  /** Share of all images still answered right; those wrong when clean count as not robust. */
  robustAccuracy: number;
  seconds: number;
  gradients: number;
  queries: number;
  flags: Flag[];
  samples: SampleResult[];
}

export interface AttackOutcome extends AttackResult {
  /** The images that were judged. */
  adversarial: Judged;
}

/**
 * Attacks a classifier and judges the images: projected into the limit, rounded to 8 bits, classified by a fresh
 * session. Models loaded from files and attacks of the catalog are worked on in several hosts; what exists in this
 * thread alone is run here.
 * @throws AdvarenaError what the attack, the images or the options do not allow
 */
export async function attack<O>(
  model: Classifier,
  attack: Attack<O>,
  request: AttackRequest,
): Promise<AttackOutcome> {
  const started = performance.now();
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
  const norm = request.norm ?? 'linf';
  const source = request.source ?? model;
  const options = parseOptions(attack.options, request.options, `attack ${attack.name}`);
  const spec = attackSpecOf(attack, options, request.through);
  const assignment = (from: number, to: number): Assignment => ({
    norm,
    epsilon: request.epsilon,
    goal,
    seed: request.seed ?? 0,
    ids: ids.slice(from, to),
    images: rows(images, from, to),
    ...(request.labelsFrom === 'predicted' ? {} : { labels: labels.slice(from, to) }),
    ...(targets === undefined ? {} : { targets: targets.slice(from, to) }),
    ...(request.stopEarly === true && source === model ? { stopEarly: pixels } : {}),
  });

  await using team = await openTeam(model, source, spec, request);
  const resolved = { attack: attack as Attack, options, views: resolveViews(request.through) };
  const shards = planShards(
    count,
    team.size,
    Math.max(source.rowsPerRun, Math.ceil(count / (team.size * 8))),
  );
  let done = 0;
  const proposals = await Promise.all(
    shards.map(async ([from, to]) => {
      const proposal = await team.attack(assignment(from, to), resolved, (step) =>
        request.onProgress?.({ done, total: count, step }),
      );
      done += to - from;
      request.onProgress?.({ done, total: count, step: 0 });
      return proposal;
    }),
  );
  const proposed = count === 0 ? images : concatRows(proposals.map((p) => p.images));
  const judged = judgeImages(proposed, images, { norm, epsilon: request.epsilon, pixels });
  const [clean, adversarial] = await Promise.all([
    predictAll(team, images, ids, shards),
    predictAll(team, judged.images, ids, shards),
  ]);

  const queries = merge(proposals.map((p) => p.queries));
  const pursued = proposals.flatMap((p) => [...p.classes]);
  const linf = distances(judged.images, images, 'linf');
  const l2 = distances(judged.images, images, 'l2');
  const samples = ids.map((id, i): SampleResult => {
    const label = labels[i] as number;
    const target = goal === 'untargeted' ? undefined : pursued[i];
    const now = adversarial.classes[i] as number;
    const before = clean.classes[i] as number;
    return {
      id,
      label,
      ...(target === undefined ? {} : { target }),
      clean: before,
      adversarial: now,
      margin: adversarial.margins[i] as number,
      success: target === undefined ? before === label && now !== label : now === target,
      linf: linf[i] as number,
      l2: l2[i] as number,
      queries: queries.get(id) ?? 0,
    };
  });
  const flags = [
    ...model.flags,
    ...proposals.flatMap((p) => p.flags),
    ...zeroGradients(source.name, sum(proposals.map((p) => p.dead)), count),
  ];
  if (judged.outside > 0)
    flags.push({
      code: 'OUTSIDE_LIMIT',
      message: `${judged.outside} images left the ball or the pixel range and were brought back.`,
    });
  const share = (of: (s: SampleResult) => boolean): number =>
    count === 0 ? 0 : samples.filter(of).length / count;
  return {
    model: model.name,
    attack: attack.name,
    options,
    norm,
    epsilon: request.epsilon,
    pixels,
    goal,
    cleanAccuracy: share((s) => s.clean === s.label),
    robustAccuracy: share((s) => s.clean === s.label && s.adversarial === s.label),
    seconds: (performance.now() - started) / 1000,
    gradients: sum(merge(proposals.map((p) => p.gradients)).values()),
    queries: sum(queries.values()),
    flags: [...new Map(flags.map((f) => [f.code + f.message, f])).values()],
    samples,
    adversarial: judged,
  };
}

/** Where shards are worked on: in hosts, or in this thread for what exists here alone. */
interface Team extends AsyncDisposable {
  size: number;
  attack(
    a: Assignment,
    resolved: Parameters<typeof makeImages>[1],
    step: (n: number) => void,
  ): Promise<Proposal>;
  predict(ids: readonly string[], images: Images): Promise<Predictions>;
}

async function openTeam(
  model: Classifier,
  source: Classifier,
  spec: AttackSpec | undefined,
  request: AttackRequest,
): Promise<Team> {
  const subject = subjectOf(model);
  const opened = source === model ? subject : subjectOf(source);
  // What is left of the work when some of it fails is not worth going on with.
  const leaving = new AbortController();
  const signal = AbortSignal.any([leaving.signal, ...(request.signal === undefined ? [] : [request.signal])]);
  if (subject === undefined || opened === undefined || spec === undefined) {
    const pause = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve));
      if (signal.aborted) throw new AdvarenaError('STOPPED', 'The attack was stopped.');
    };
    // A model that can be built again is asked by other sessions than the attack's.
    const { height, width } = model.input;
    const judge = subject === undefined ? undefined : await openSubject(subject, { size: { height, width } });
    return {
      size: 1,
      attack: (a, resolved, step) => makeImages(source, resolved, a, { step, pause }),
      predict: (ids, images) => predictWith(judge ?? model, { ids, images }),
      [Symbol.asyncDispose]: async () => judge?.release(),
    };
  }
  const given = request.hosts;
  const device = [subject, opened].map((s) => s.settings?.device).find((d) => d !== undefined && d !== 'cpu');
  const own = typeof given === 'object' ? undefined : openHosts({ count: given ?? defaultHosts(device) });
  const hosts = own ?? (given as Hosts);
  return {
    size: hosts.size,
    attack: async (a, _, step) =>
      (await hosts.run(attackJob({ ...a, source: opened, attack: spec }), {
        signal,
        name: source.name,
        onProgress: (value) => step((value as AttackProgress).step),
      })) as Proposal,
    predict: async (ids, images) =>
      (await hosts.run(predictJob({ subject, ids, images }), { signal, name: model.name })) as Predictions,
    [Symbol.asyncDispose]: async () => {
      leaving.abort();
      await own?.close();
    },
  };
}

async function predictAll(
  team: Team,
  images: Images,
  ids: readonly string[],
  shards: readonly (readonly [number, number])[],
): Promise<{ classes: Int32Array; margins: Float64Array }> {
  const classes = new Int32Array(ids.length);
  const margins = new Float64Array(ids.length);
  await Promise.all(
    shards.map(async ([from, to]) => {
      const part = await team.predict(ids.slice(from, to), rows(images, from, to));
      classes.set(part.classes, from);
      margins.set(part.margins, from);
    }),
  );
  return { classes, margins };
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

function merge(parts: readonly Record<string, number>[]): Map<string, number> {
  return new Map(parts.flatMap((p) => Object.entries(p)));
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const v of values) total += v;
  return total;
}
