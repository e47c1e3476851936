import type { Attack, Queries, ViewUse } from '../attacks/index.ts';
import { type Access, byKind, type Classifier, type Flag, lesser, originOf } from '../models/index.ts';
import { sha256, versions } from '../runtime/index.ts';
import { distances, type LimitSpec, type Norm, type Tensor, toUint8 } from '../tensor/index.ts';
import type { Judged } from './judge-images.ts';
import type { Proposal } from './make-images.ts';
import type { Checked } from './request.ts';
import type { AttackOutcome, CurvePoint, SampleResult } from './result.ts';
import { hashRows } from './secrets.ts';
import { sourceFlags } from './sources.ts';
import { named } from './specs.ts';
import {
  chanceFlags,
  gradientFlags,
  idleFlags,
  levelFlags,
  outsideFlags,
  scoreFlags,
  shareFlags,
  shiftFlags,
} from './suspicions.ts';

/** What the judged model answered, per draw. */
export interface Answered {
  classes: Int32Array[];
  margins: Float64Array;
  nan: number;
  infinite: number;
  /** Images whose logits look like probabilities. */
  shares: number;
  random: boolean;
  flags: readonly Flag[];
}

/** Everything that is known of one run of an attack. */
export interface Found {
  model: Classifier;
  attack: Attack;
  options: Record<string, unknown>;
  checked: Checked;
  proposals: readonly Proposal[];
  clean: Answered;
  adversarial: Answered;
  judged: Judged;
  /** Per image, after rounding and before. */
  distances: Float64Array;
  proposed: Float64Array;
  seconds: number;
  views: readonly ViewUse[];
  sources: readonly Classifier[] | undefined;
  queries: Queries | undefined;
  seed: number;
  labelsFrom: 'true' | 'predicted';
  stopEarly: boolean;
  masks: Tensor<'uint8'> | undefined;
}

/** Whether a distance counts as inside, as {@link Limit.outside} has it. */
export function withinEpsilon(
  distance: number,
  { norm, epsilon }: Pick<LimitSpec, 'norm' | 'epsilon'>,
): boolean {
  if (epsilon === 'free') return true;
  return distance <= (norm.startsWith('l0') ? epsilon : epsilon * (1 + 1e-4));
}

/** The result of one limit. */
export function outcomeOf(found: Found, spec: LimitSpec): AttackOutcome {
  const { checked, proposals, clean, adversarial, judged, attack, model } = found;
  const samples = samplesOf(found);
  const { chain = [], settings } = originOf(model)?.subject ?? {};
  const opponent = opponentOf(found);
  const count = samples.length;
  const draws = adversarial.classes.length;
  const mean = (of: (i: number, draw: number) => boolean): number => {
    let sum = 0;
    for (let draw = 0; draw < draws; draw++) for (let i = 0; i < count; i++) sum += Number(of(i, draw));
    return count === 0 ? 0 : sum / (count * draws);
  };
  const every = Array.from({ length: draws }, (_, draw) => draw);
  const share = (of: (i: number) => boolean): number =>
    count === 0 ? 0 : checked.ids.filter((_, i) => of(i)).length / count;
  const rightClean = (i: number, draw: number): boolean => clean.classes[draw]?.[i] === checked.labels[i];
  // Draws about two images are independent: a random model must not be right twice to count as right once.
  const held = (i: number, draw: number): boolean => adversarial.random || rightClean(i, draw);
  const robust = (i: number, draw: number): boolean =>
    held(i, draw) && adversarial.classes[draw]?.[i] === checked.labels[i];
  const abstained = {
    clean: mean((i, draw) => (clean.classes[draw]?.[i] as number) < 0),
    adversarial: mean((i, draw) => (adversarial.classes[draw]?.[i] as number) < 0),
    robust: mean(
      (i, draw) => robust(i, draw) || (held(i, draw) && (adversarial.classes[draw]?.[i] as number) < 0),
    ),
  };
  return {
    model: model.name,
    ...(chain.length > 0 && { defenses: chain.map(named), adaptive: opponent !== 'none' }),
    attack: attack.name,
    options: found.options,
    ...(found.views.length > 0 && {
      through: found.views.map(({ view, options }) => ({ name: view.name, options })),
    }),
    ...(found.sources && { sources: found.sources.map(({ name }) => name) }),
    opponent,
    ...(found.queries !== undefined && { queries: found.queries }),
    norm: spec.norm,
    epsilon: spec.epsilon === 'free' ? null : spec.epsilon,
    ...(spec.region === undefined ? {} : { region: spec.region }),
    pixels: checked.pixels,
    goal: checked.goal,
    labelsFrom: found.labelsFrom,
    stopEarly: found.stopEarly,
    data: {
      images: hashOf(checked.pixels === '8-bit' ? toUint8(checked.images) : checked.images),
      ...(found.masks && { masks: hashOf(found.masks) }),
    },
    versions: versions(settings?.device),
    seed: found.seed,
    draws,
    cleanAccuracy: mean(rightClean),
    robustAccuracy: mean(robust),
    ...(draws > 1 && {
      robustInAny: share((i) => every.some((draw) => robust(i, draw))),
      robustInAll: share((i) => every.every((draw) => robust(i, draw))),
    }),
    ...((abstained.clean > 0 || abstained.adversarial > 0) && { abstained }),
    seconds: found.seconds,
    asked: byKind((kind) => samples.reduce((sum, s) => sum + s.asked[kind], 0)),
    confirmations: proposals.reduce((sum, p) => sum + p.confirmations, 0),
    flags: [
      ...flagsOf(found, count),
      ...chanceFlags(model, {
        right: Math.round(mean(rightClean) * count),
        answered: Math.round((1 - abstained.clean) * count),
        labels: checked.labels,
        answers: clean.classes[0] ?? [],
      }),
      ...shiftFlags(model, clean.classes[0] ?? [], checked.labels),
      ...levelFlags(spec, checked.pixels),
    ],
    samples,
    adversarial: judged,
  };
}

function hashOf(images: Parameters<typeof hashRows>[0]): string {
  return sha256(new TextEncoder().encode(hashRows(images).join()));
}

/** What the attack might ask of the judged model: no more than it declares, nor than it was granted. */
function opponentOf({ attack, checked: { granted }, sources }: Found): Access {
  return sources === undefined ? lesser(attack.access, granted.model) : granted.opponent;
}

function samplesOf({ checked, proposals, clean, adversarial, judged, ...found }: Found): SampleResult[] {
  const { ids, labels, goal, images } = checked;
  const pursued = proposals.flatMap((p) => [...p.classes]);
  const counts = byKind((kind) => proposals.flatMap((p) => p.counts[kind]));
  const measured = (norm: Norm): Float64Array =>
    // As levels, so that 8 of them are 8/255 to the bit.
    judged.bytes === undefined
      ? distances(judged.images, images, norm)
      : distances(judged.bytes, toUint8(images), norm);
  const linf = measured('linf');
  const l2 = measured('l2');
  const draws = adversarial.classes.length;
  return ids.map((id, i): SampleResult => {
    const label = labels[i] as number;
    const target = goal === 'untargeted' ? undefined : pursued[i];
    const at = (of: Answered, draw: number): number => of.classes[draw]?.[i] as number;
    const success = (draw: number): boolean => {
      const now = at(adversarial, draw);
      // An attack that is told no labels may be after the true one: reaching it fools nobody.
      if (now < 0 || now === label) return false;
      return target === undefined ? at(clean, draw) === label : now === target;
    };
    const share = (of: (draw: number) => boolean): number =>
      Array.from({ length: draws }, (_, draw) => Number(of(draw))).reduce((a, b) => a + b, 0) / draws;
    return {
      id,
      label,
      ...(target === undefined ? {} : { target }),
      clean: at(clean, 0),
      adversarial: at(adversarial, 0),
      margin: adversarial.margins[i] as number,
      success: success(0),
      ...(draws > 1 && {
        draws: {
          clean: share((draw) => at(clean, draw) === label),
          adversarial: share((draw) => at(adversarial, draw) === label),
          success: share(success),
        },
      }),
      distance: found.distances[i] as number,
      proposed: found.proposed[i] as number,
      linf: linf[i] as number,
      l2: l2[i] as number,
      asked: byKind((kind) => counts[kind][i] ?? 0),
    };
  });
}

/**
 * Robust accuracy at each epsilon asked for; with no bound, at each distance at which it falls. An image is robust at
 * epsilon if it is right when clean and nothing that fools the model was found within.
 */
export function curveOf(found: Found, limits: readonly LimitSpec[]): CurvePoint[] {
  const { checked, clean, adversarial, distances: far } = found;
  const norm = limits[0]?.norm ?? 'linf';
  const draws = adversarial.classes.length;
  const at = (epsilon: number): number => {
    let robust = 0;
    for (let draw = 0; draw < draws; draw++)
      for (const [i, label] of checked.labels.entries()) {
        const beyond = !withinEpsilon(far[i] as number, { norm, epsilon });
        const before = clean.classes[draw]?.[i] === label;
        const after = adversarial.classes[draw]?.[i] === label;
        robust += Number(beyond ? before : after && (before || adversarial.random));
      }
    return checked.labels.length === 0 ? 0 : robust / (draws * checked.labels.length);
  };
  const asked = limits.flatMap(({ epsilon }) => (epsilon === 'free' ? [] : [epsilon]));
  const epsilons = asked.length > 0 ? asked : [0, ...far].filter((d) => Number.isFinite(d));
  const points = [...new Set(epsilons)]
    .toSorted((a, b) => a - b)
    .map((epsilon) => ({ epsilon, robustAccuracy: at(epsilon) }));
  return asked.length > 0
    ? points
    : points.filter((p, i) => i === 0 || p.robustAccuracy !== points[i - 1]?.robustAccuracy);
}

function flagsOf(found: Found, count: number): Flag[] {
  const { model, proposals, clean, adversarial, judged, sources = [model] } = found;
  const opened = sources.map(({ name }) => name).join('+');
  const sum = (of: (p: Proposal) => number): number => proposals.reduce((total, p) => total + of(p), 0);
  const flags = [
    ...model.flags,
    ...sourceFlags(model, found.sources),
    ...clean.flags,
    ...adversarial.flags,
    ...proposals.flatMap((p) => p.flags),
    ...gradientFlags(opened, { zero: sum((p) => p.zero), notFinite: sum((p) => p.notFinite) }, count, {
      known: sources.every((m) => m.flags.some(({ code }) => code === 'ZERO_GRADIENT')),
    }),
  ];
  flags.push(...idleFlags(proposals.map((p) => p.idle)));
  if (adversarial.random && found.attack.radius === 'minimum')
    flags.push({
      code: 'NEAREST_OF_DRAWS',
      message: `${found.attack.name} keeps the nearest image that fooled ${model.name} in one draw; in others it may hold, so that the curve need not reach 0.`,
    });
  flags.push(
    ...scoreFlags(
      model.name,
      {
        nan: Math.max(clean.nan, adversarial.nan),
        infinite: Math.max(clean.infinite, adversarial.infinite),
      },
      count,
    ),
    ...shareFlags(model.name, clean.shares, count),
    ...outsideFlags(judged.outside),
  );
  return [...new Map(flags.map((f) => [f.code + f.message, f])).values()];
}
