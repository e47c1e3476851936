import { type Attack, attacks, type ViewUse, views } from '../attacks/index.ts';
import { type EntrySpec, type Options, parseOptions } from '../catalog/index.ts';
import { type Defense, defend, defenses } from '../defenses/index.ts';
import { type Classifier, type ModelSize, openModel, originOf, over, type Subject } from '../models/index.ts';
import type { RandomSource } from '../tensor/index.ts';

/** An attack as plain data: what is hashed, sent to other threads and recorded. */
export interface AttackSpec extends EntrySpec {
  /** Views through which it looks at its model, the outermost first. */
  through?: readonly (string | EntrySpec)[];
}

export interface ResolvedAttack {
  attack: Attack;
  /** All options, defaults filled in. */
  options: Record<string, unknown>;
  /** Those of the request, then the attack's own; the outermost first. */
  views: ViewUse[];
}

/** In its long form. */
export function named(spec: string | EntrySpec): EntrySpec {
  return typeof spec === 'string' ? { name: spec } : spec;
}

/** @throws AdvarenaError UNKNOWN_NAME with the nearest name, OPTION naming the option */
export function resolveAttack(spec: AttackSpec): ResolvedAttack {
  const attack = attacks.find(spec.name);
  return resolved(attack, parseOptions(attack.options, spec.options, `attack ${attack.name}`), spec.through);
}

/** An attack that may be of no catalog, with its options checked. @throws AdvarenaError UNKNOWN_NAME, OPTION */
export function resolved(
  attack: Attack,
  options: Record<string, unknown>,
  through: AttackSpec['through'],
): ResolvedAttack {
  return { attack, options, views: resolveViews([...(through ?? []), ...(attack.through ?? [])]) };
}

/** Views by name, with their options checked. @throws AdvarenaError UNKNOWN_NAME, OPTION */
export function resolveViews(through: AttackSpec['through']): ViewUse[] {
  return (through ?? []).map((v) => {
    const view = views.find(named(v).name);
    return { view, options: parseOptions(view.options, named(v).options, `view ${view.name}`) };
  });
}

/** @throws AdvarenaError UNKNOWN_NAME with the nearest name, OPTION naming the option */
export function resolveDefense(spec: string | EntrySpec): { defense: Defense; options: Options } {
  const defense = defenses.find(named(spec).name);
  return { defense, options: parseOptions(defense.options, named(spec).options, `defense ${defense.name}`) };
}

/**
 * Builds what a subject names, in this thread. The caller releases it.
 * @param options.random of the role for which it is opened
 */
export async function openSubject(
  subject: Subject,
  { size, random }: { size?: ModelSize; random?: RandomSource } = {},
): Promise<Classifier> {
  const chain = (subject.chain ?? []).map(resolveDefense);
  let model = await openModel(subject.model, {
    ...(size && { size }),
    ...(random && { random }),
    ...(subject.settings && { settings: subject.settings }),
  });
  for (const { defense, options } of chain.toReversed()) model = defend(model, defense, options, random);
  const { name = model.name } = subject;
  const { members, approximate } = model;
  return name === model.name
    ? model
    : over(model, { name, ...(members && { members }), ...(approximate && { approximate }) });
}

/** The plain data from which another thread can build this classifier; undefined if some of it only exists here. */
export function subjectOf(model: Classifier): Subject | undefined {
  const origin = originOf(model);
  const catalogued = (entry: object): boolean => defenses.all.some((defense) => defense === entry);
  return origin?.entries.every(catalogued) === true ? origin.subject : undefined;
}

/** The spec of an attack of the catalog; undefined for one that only exists in this thread. */
export function attackSpecOf(
  attack: Attack,
  options: Options,
  through: AttackSpec['through'],
): AttackSpec | undefined {
  if (!attacks.all.includes(attack)) return undefined;
  return { name: attack.name, options, ...(through === undefined ? {} : { through }) };
}
