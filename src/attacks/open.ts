import type { Options } from '../catalog/index.ts';
import {
  type Access,
  type Classifier,
  lesser,
  type Meter,
  metered,
  newMeter,
  type Oracle,
  oracleOf,
  over,
  type Trouble,
} from '../models/index.ts';
import { clone, type Images, type Limit, type RandomSource } from '../tensor/index.ts';
import { type ActiveSet, activeSet, type Cost, type Stopping } from './active-set.ts';
import type { Attack, AttackContext, Goal, Queries } from './define.ts';
import type { View } from './view.ts';

/** A view with its options. */
export interface ViewUse {
  readonly view: View;
  readonly options: Options;
}

export interface OpenAttack {
  readonly attack: Attack;
  /** Checked by its schema. */
  readonly options: Options;
  /** Views, the outermost first. */
  readonly views?: readonly ViewUse[];
  /** What it works on; none for attacks of access `none`. */
  readonly model: Classifier | undefined;
  /** The sources one by one. */
  readonly members?: readonly Classifier[];
  /** The judged model, as far as it is granted. */
  readonly opponent?: { readonly model: Classifier; readonly granted: Access } | undefined;
  /** As far as the model is granted. @default gradient */
  readonly granted?: Access;
  readonly ids: readonly string[];
  /** Clean. */
  readonly images: Images;
  /** Where to begin; at the clean images by default. */
  readonly start?: Images;
  readonly goal: Goal;
  readonly limit: Limit;
  readonly random: RandomSource;
  readonly queries?: Queries | undefined;
  /** When samples are done early; `stops` says whose answers can end them. */
  readonly stopping?: (Omit<Stopping, 'direct'> & { readonly stops: 'model' | 'opponent' }) | undefined;
}

/** An attack about to run: what it holds, and what is known of it from outside. */
export interface Opened {
  readonly context: AttackContext;
  readonly set: ActiveSet;
  readonly meter: Meter;
  /** What broke in the models that it asked: then whatever the attack throws or returns is not its own doing. */
  readonly trouble: Trouble;
  /** Ends its questions: what an attack keeps of this run is worth nothing in another. */
  end(): void;
}

/**
 * Gives an attack what it may have, and nothing else: sealed oracles over metered models seen through the views, and
 * copies of all arrays.
 */
export function openAttack(given: OpenAttack): Opened {
  const { attack, views = [], ids, images, goal, limit, random, granted = 'gradient', stopping } = given;
  const meter = newMeter();
  const trouble: Trouble = {};
  let ended = false;
  const direct = views.length === 0;
  const set = activeSet({
    ids,
    start: given.start ?? images,
    queries: given.queries,
    attack,
    stopping: stopping && { ...stopping, direct: direct || stopping.stops === 'opponent' },
  });

  const hold = (
    model: Classifier | undefined,
    access: Access,
    part: { why: string; views: readonly ViewUse[]; stops?: boolean; role: string },
  ): Oracle => {
    const forward = access === 'decision' ? 'decisions' : 'scores';
    const inner = model ?? noModel(images);
    const see = (of: Classifier) => throughViews(of, part.views, random.child(part.role));
    const { seen, cost } = see(metered(inner, forward, meter));
    const oracle = oracleOf(seen, {
      access: model === undefined ? 'none' : access,
      ids,
      why: part.why,
      trouble,
      ended: () => ended,
      owner: ownerOf(attack),
      uncounted: () => see(inner).seen,
    });
    return set.over(oracle, { forward, cost, stops: part.stops ?? false });
  };
  const declared = `beyond the access "${attack.access}" that it declares`;
  const notGranted = 'which it does not declare or the rules do not grant';
  const access = lesser(attack.access, granted);
  const context: AttackContext = {
    model: hold(given.model, access, {
      why: access === attack.access ? declared : notGranted,
      views,
      stops: stopping?.stops === 'model',
      role: 'views',
    }),
    members:
      attack.members === true
        ? (given.members ?? []).map((member, i) =>
            hold(member, access, { why: declared, views, role: `views of source ${i + 1}` }),
          )
        : [],
    opponent: hold(
      attack.opponent === undefined ? undefined : given.opponent?.model,
      lesser(attack.opponent ?? 'none', given.opponent?.granted ?? 'none'),
      { why: notGranted, views: [], stops: stopping?.stops === 'opponent', role: 'opponent' },
    ),
    batch: Object.freeze({
      ids: Object.freeze([...ids]),
      images: clone(images),
      start: clone(given.start ?? images),
    }),
    goal: Object.freeze({ kind: goal.kind, classes: goal.classes.slice() }),
    limit,
    random,
    options: copied(given.options),
  };
  const end = (): void => {
    ended = true;
  };
  return { context: Object.freeze(context), set, meter, trouble, end };
}

/** Plain data anew; what else options may hold is shared. */
function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied);
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(Object.entries(value).map(([name, own]) => [name, copied(own)]));
}

/**
 * The model as it is seen through views, and how many questions one row then costs. What it answers with gradients
 * through its stages is seen through them too.
 */
function throughViews(
  model: Classifier,
  views: readonly ViewUse[],
  random: RandomSource,
): { seen: Classifier; cost: Cost } {
  let seen = model;
  const cost = { scores: 1, gradients: 1 };
  for (const [i, { view, options }] of [...views.entries()].toReversed()) {
    const own = random.child(`${i}/${view.name}`);
    const open = (inner: Classifier): Classifier => {
      const opened = view.open({ model: inner, options, random: own });
      const { approximate } = inner;
      return opened.approximate !== undefined || approximate === undefined || opened === inner
        ? opened
        : over(opened, { approximate: (backward) => open(approximate(backward)) });
    };
    for (const kind of ['scores', 'gradients'] as const) cost[kind] *= view.rows?.(options, kind, seen) ?? 1;
    seen = open(seen);
  }
  return { seen, cost };
}

const owners = new WeakMap<Attack, number>();
let lastOwner = 0;

/** A number for each attack of this thread. */
function ownerOf(attack: Attack): number {
  const known = owners.get(attack) ?? ++lastOwner;
  owners.set(attack, known);
  return known;
}

/** Stands where an attack is given no model: it is never asked. */
function noModel({ shape }: Images): Classifier {
  const [, channels = 0, height = 0, width = 0] = shape;
  const never = (): never => {
    throw new Error('no model was given');
  };
  return {
    name: 'no model',
    input: { channels, height, width },
    classes: 0,
    flags: [],
    indexOffset: 0,
    labelOffset: 0,
    rowsPerRun: Number.POSITIVE_INFINITY,
    random: false,
    depth: 0,
    answers: never,
    gradient: never,
    release: () => Promise.resolve(),
  };
}
