import type { z } from 'zod';
import { type Entry, type EntrySpec, type Options, parseOptions } from '../catalog/index.ts';
import type { Access, Kind, Oracle } from '../models/index.ts';
import type { Images, Limit, Norm, RandomSource } from '../tensor/index.ts';

export type GoalKind = 'untargeted' | 'targeted' | 'least-likely';

/** What the attack is after, one class per row of the batch. Least likely is targeted once the classes are known. */
export interface Goal {
  readonly kind: 'untargeted' | 'targeted';
  /** Classes to leave (untargeted) or to reach (targeted). */
  readonly classes: Int32Array;
}

/** Samples that an attack works on together; a result never depends on which these are. Copies for the attack alone. */
export interface Batch {
  readonly ids: readonly string[];
  /** Clean: float32 [rows, C, H, W] in [0,1]. */
  readonly images: Images;
  /** Where to begin: the clean images, unless the attack runs within another. */
  readonly start: Images;
}

/** Questions per sample: a number holds for decisions and scores together. */
export type Queries = number | Readonly<Partial<Record<Kind, number>>>;

/** Everything an attack may use. */
export interface AttackContext<O = unknown> {
  /** What it works on: the sources where there are some, else the judged model as far as it is granted. */
  readonly model: Oracle;
  /** The sources one by one, for attacks that declare `members`; else empty. */
  readonly members: readonly Oracle[];
  /** The judged model as far as attack and rules agree; of access `none` where they do not. */
  readonly opponent: Oracle;
  readonly batch: Batch;
  readonly goal: Goal;
  readonly limit: Limit;
  /** Random streams of this attack, keyed by sample, purpose and draw. */
  readonly random: RandomSource;
  readonly options: O;
}

/**
 * One attack, as data. `run` yields what it would return if it were stopped now and returns its result; a yielded
 * tensor may be overwritten by the next step, who keeps it copies it.
 */
export interface Attack<O = unknown> extends Entry<O> {
  /** What tests hold it to: software of others, or what is known of the best. */
  readonly heldTo?: string;
  /** What it asks of its model. */
  readonly access: Access;
  /** Whether it takes its sources one by one. */
  readonly members?: true;
  /** What it asks of the judged model beside its sources. */
  readonly opponent?: 'decision' | 'scores';
  /** Views that belong to it, inside those of the request. */
  readonly through?: readonly EntrySpec[];
  /** Whether it makes no sense without a region of the image to work in. */
  readonly region?: 'needed';
  readonly norms: readonly Norm[];
  readonly goals: readonly GoalKind[];
  /** `fixed`: inside a radius, once for each. `minimum`: the smallest change, once, judged at every radius. */
  readonly radius: 'fixed' | 'minimum';
  /** Fewest classes that a model must have, with these options for this goal; 2 where it is left out. */
  leastClasses?(options: O, goal: GoalKind): number;
  /** Questions per sample where none are said: for attacks that would ask for ever. */
  readonly queries?: number;
  run(context: AttackContext<O>): AsyncGenerator<Images, Images>;
}

/** Fewest classes that an attack needs with these options for this goal. @throws AdvarenaError OPTION */
export function leastClassesOf(attack: Attack, options: Options | undefined, goal: GoalKind): number {
  return attack.leastClasses?.(parseOptions(attack.options, options, `attack ${attack.name}`), goal) ?? 2;
}

/** Kinds of questions that an attack may ask. */
export function kindsOf({ access, opponent }: Pick<Attack, 'access' | 'opponent'>): Kind[] {
  const kinds = new Set<Kind>();
  if (access === 'decision' || opponent === 'decision') kinds.add('decisions');
  if (access === 'scores' || access === 'gradient' || opponent === 'scores') kinds.add('scores');
  if (access === 'gradient') kinds.add('gradients');
  return [...kinds];
}

/** An attack with its options checked and defaults filled in by its schema. Pure: registers nothing. */
export function defineAttack<S extends z.ZodType>(
  definition: Omit<Attack<z.infer<S>>, 'options' | 'radius'> & { options: S; radius?: 'fixed' | 'minimum' },
): Attack<z.infer<S>> {
  return { radius: 'fixed', ...definition } as Attack<z.infer<S>>;
}
