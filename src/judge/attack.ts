import type { Attack } from '../attacks/index.ts';
import { parseOptions } from '../catalog/index.ts';
import type { Classifier } from '../models/index.ts';
import { planShards } from '../runtime/index.ts';
import {
  clone,
  concatRows,
  type Images,
  type Limit,
  type LimitSpec,
  limitOf,
  rows,
  type Tensor,
  toUint8,
} from '../tensor/index.ts';
import { type Judged, judgeImages } from './judge-images.ts';
import type { Assignment, Proposal } from './make-images.ts';
import { type AttackRequest, asksJudged, type Checked, checkRequest } from './request.ts';
import type { AttackOutcome } from './result.ts';
import { type Answered, curveOf, outcomeOf, withinEpsilon } from './scoring.ts';
import { hashRows, nameOf, roleSeed, secretOf } from './secrets.ts';
import { attackSpecOf, resolved as resolve } from './specs.ts';
import { openTeam, type Team } from './team.ts';

/**
 * Attacks a classifier and judges the images: projected into the limit, rounded to 8 bits, classified by a fresh
 * session. Models loaded from files and attacks of the catalog are worked on in several hosts; what exists in this
 * thread alone is run here. With a list of epsilons the results are a list in its order: an attack of fixed radius runs
 * once for each, a minimum-norm attack once for all.
 * @throws AdvarenaError what the attack, the images or the options do not allow
 */
export function attack<O>(
  model: Classifier,
  attack: Attack<O>,
  request: AttackRequest & { epsilon: readonly number[] },
): Promise<AttackOutcome[]>;
export function attack<O>(
  model: Classifier,
  attack: Attack<O>,
  request: AttackRequest & { epsilon?: number | 'free' | undefined },
): Promise<AttackOutcome>;
export async function attack<O>(
  model: Classifier,
  attack: Attack<O>,
  request: AttackRequest,
): Promise<AttackOutcome | AttackOutcome[]> {
  const results = await attackAll(model, attack, request);
  return typeof request.epsilon === 'object' ? results : (results[0] as AttackOutcome);
}

async function attackAll(
  model: Classifier,
  attack: Attack,
  request: AttackRequest,
): Promise<AttackOutcome[]> {
  const checked = checkRequest(model, attack, request);
  const { images, ids, limits, pixels } = checked;
  const options = parseOptions(attack.options, request.options, `attack ${attack.name}`);
  const { signal, draws = 1, sources } = request;
  const resolved = resolve(attack, options, request.through);
  await using team = await openTeam({
    model,
    sources,
    granted: checked.granted,
    resolved,
    spec: attackSpecOf(attack, options, request.through),
    draws,
    seed: roleSeed(request.seed ?? 0, 'attack'),
    hosts: request.hosts,
    signal,
  });
  const made = { pixels, ...(request.masks && { masks: request.masks }) };
  const shards = planShards(
    ids.length,
    team.size,
    Math.max(team.rowsPerRun, Math.ceil(ids.length / (team.size * 8))),
  );
  const runs = attack.radius === 'minimum' ? [free(limits[0] as LimitSpec)] : limits;
  const progress = progressOf(request, ids.length * runs.length);
  const secret = secretOf(request.seed ?? 0);
  const clean = await predictAll(team, images, shards, { secret, pixels });
  const outcomes: AttackOutcome[] = [];
  // Programs that start and clean answers are no cost of the attack, and would count for the first radius alone.
  let last = performance.now();
  for (const spec of runs) {
    const proposals = await makeAll(team, shards, progress, assignmentOf(spec, checked, request, attack));
    const proposed = ids.length === 0 ? images : concatRows(proposals.map((p) => p.images));
    const limit = limitOf(spec, images, made);
    const judged = judgeImages(proposed, limit);
    const adversarial = await predictAll(team, judged.images, shards, { secret, pixels });
    const now = performance.now();
    const found = {
      model,
      attack,
      options,
      checked,
      proposals,
      clean,
      adversarial,
      judged,
      distances: limit.distance(judged.images),
      proposed: limit.distance(proposed),
      seconds: (now - last) / 1000,
      views: resolved.views,
      sources,
      queries: request.queries,
      seed: request.seed ?? 0,
      labelsFrom: request.labelsFrom ?? 'true',
      stopEarly: stopsEarly(attack, request),
      masks: request.masks,
    };
    last = now;
    if (attack.radius === 'fixed') outcomes.push(outcomeOf(found, spec));
    else {
      const curve = curveOf(found, limits);
      for (const at of limits) outcomes.push({ ...outcomeOf(standing(found, images, at, limit), at), curve });
    }
  }
  return outcomes;
}

function stopsEarly(attack: Attack, request: AttackRequest): boolean {
  return request.stopEarly === true && asksJudged(attack, request) && attack.access !== 'none';
}

function free(spec: LimitSpec): LimitSpec {
  return { ...spec, epsilon: 'free' };
}

function assignmentOf(
  limit: LimitSpec,
  checked: Checked,
  request: AttackRequest,
  attack: Attack,
): (from: number, to: number) => Assignment {
  const { goal, pixels, ids, images, labels, targets } = checked;
  const { masks, queries, labelsFrom } = request;
  return (from, to) => ({
    limit,
    pixels,
    ...(masks && { masks: rows<'uint8'>(masks, from, to) }),
    goal,
    seed: roleSeed(request.seed ?? 0, 'attack'),
    ids: ids.slice(from, to),
    images: rows(images, from, to),
    ...(labelsFrom === 'predicted' ? {} : { labels: labels.slice(from, to) }),
    ...(targets && { targets: targets.slice(from, to) }),
    ...(queries !== undefined && { queries }),
    ...(stopsEarly(attack, request) && { stopEarly: true }),
  });
}

interface Progress {
  done: number;
  tell(step: number): void;
}

function progressOf({ onProgress }: AttackRequest, total: number): Progress {
  return {
    done: 0,
    tell(step) {
      onProgress?.({ done: this.done, total, step });
    },
  };
}

type Shards = readonly (readonly [number, number])[];

function makeAll(
  team: Team,
  shards: Shards,
  progress: Progress,
  assignment: (from: number, to: number) => Assignment,
): Promise<Proposal[]> {
  return Promise.all(
    shards.map(async ([from, to]) => {
      const proposal = await team.attack(assignment(from, to), (step) => progress.tell(step));
      progress.done += to - from;
      progress.tell(0);
      return proposal;
    }),
  );
}

/** Answers on images under names that follow from their pixels. */
async function predictAll(
  team: Team,
  images: Images,
  shards: Shards,
  { secret, pixels }: { secret: string; pixels: Checked['pixels'] },
): Promise<Answered> {
  const count = images.shape[0] ?? 0;
  const names = hashRows(pixels === '8-bit' ? toUint8(images) : images).map((pixel) => nameOf(secret, pixel));
  const classes: Int32Array[] = [];
  const margins = new Float64Array(count);
  let nan = 0;
  let infinite = 0;
  let shares = 0;
  let random = false;
  const flags = await Promise.all(
    shards.map(async ([from, to]) => {
      const part = await team.predict(names.slice(from, to), rows(images, from, to));
      for (const [draw, answers] of part.classes.entries()) {
        classes[draw] ??= new Int32Array(count);
        classes[draw].set(answers, from);
      }
      margins.set(part.margins, from);
      nan += part.nan;
      infinite += part.infinite;
      shares += part.shares;
      random ||= part.random;
      return part.flags;
    }),
  );
  if (classes.length === 0) classes.push(new Int32Array(count));
  return { classes, margins, nan, infinite, shares, random, flags: flags.flat() };
}

/** At an epsilon below what a minimum-norm attack found, the clean image and its answers stand. */
function standing<
  F extends { judged: Judged; distances: Float64Array; clean: Answered; adversarial: Answered },
>(found: F, clean: Images, at: LimitSpec, limit: Limit): F {
  const beyond = [...found.distances.keys()].filter((i) => !withinEpsilon(found.distances[i] as number, at));
  if (beyond.length === 0) return found;
  const images = clone(found.judged.images);
  const margins = found.adversarial.margins.slice();
  const classes = found.adversarial.classes.map((answers) => answers.slice());
  for (const i of beyond) {
    rows(images, i, i + 1).data.set(rows(clean, i, i + 1).data);
    margins[i] = found.clean.margins[i] as number;
    for (const [draw, answers] of classes.entries()) answers[i] = found.clean.classes[draw]?.[i] as number;
  }
  const bytes: Tensor<'uint8'> | undefined = limit.pixels === '8-bit' ? toUint8(images) : undefined;
  return {
    ...found,
    judged: { images, ...(bytes && { bytes }), outside: found.judged.outside },
    adversarial: { ...found.adversarial, margins, classes },
  };
}
