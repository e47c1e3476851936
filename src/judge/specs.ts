import { type Attack, attacks, parseOptions, type View, views } from '../attacks/index.ts';
import { type Defense, defend, defenses, isDefended } from '../defenses/index.ts';
import {
  type Classifier,
  isOriginal,
  type ModelSize,
  type ModelSpec,
  openModel,
  type SessionSettings,
} from '../models/index.ts';
import { AdvarenaError, unknownName } from '../tensor/index.ts';

/** Something of a catalog by name, with options: plain data that any thread can resolve. */
export interface NamedSpec {
  name: string;
  options?: Readonly<Record<string, unknown>>;
}

/** An attack as plain data: what is hashed, sent to other threads and recorded. */
export interface AttackSpec extends NamedSpec {
  /** Views through which it looks at its model, the outermost first. */
  through?: readonly (string | NamedSpec)[];
}

/** What is attacked or judged: a model behind a chain of defenses, in the order in which an image passes them. */
export interface Subject {
  model: ModelSpec;
  chain?: readonly (string | NamedSpec)[];
  name?: string;
  settings?: SessionSettings;
}

function named(spec: string | NamedSpec): NamedSpec {
  return typeof spec === 'string' ? { name: spec } : spec;
}

function find<T extends { name: string }>(what: string, name: string, catalog: readonly T[]): T {
  const found = catalog.find((e) => e.name === name);
  if (found === undefined)
    throw new AdvarenaError(
      'UNKNOWN_NAME',
      unknownName(
        what,
        name,
        catalog.map((e) => e.name),
      ),
    );
  return found;
}

export interface ResolvedAttack {
  attack: Attack;
  /** All options, defaults filled in. */
  options: Record<string, unknown>;
  views: { view: View; options: Record<string, unknown> }[];
}

/** @throws AdvarenaError UNKNOWN_NAME with the nearest name, OPTION naming the option */
export function resolveAttack(spec: AttackSpec): ResolvedAttack {
  const attack = find('attack', spec.name, attacks);
  return {
    attack,
    options: parseOptions(attack.options, spec.options, `attack ${attack.name}`),
    views: resolveViews(spec.through),
  };
}

/** @throws AdvarenaError UNKNOWN_NAME with the nearest name, OPTION naming the option */
export function resolveDefense(spec: string | NamedSpec): {
  defense: Defense;
  options: Record<string, unknown>;
} {
  const defense = find('defense', named(spec).name, defenses);
  return { defense, options: parseOptions(defense.options, named(spec).options, `defense ${defense.name}`) };
}

/** Builds what a subject names, in this thread. The caller releases it. */
export async function openSubject(subject: Subject, options: { size?: ModelSize } = {}): Promise<Classifier> {
  const chain = (subject.chain ?? []).map(resolveDefense);
  let model = await openModel(subject.model, {
    ...options,
    ...(subject.settings && { settings: subject.settings }),
  });
  for (const { defense, options: o } of chain.toReversed()) model = defend(model, defense, o);
  return subject.name === undefined ? model : { ...model, name: subject.name };
}

/** The plain data from which another thread can build this classifier; undefined if some of it only exists here. */
export function subjectOf(model: Classifier): Subject | undefined {
  if (!isOriginal(model)) return undefined;
  if (isDefended(model)) {
    const inner = defenses.includes(model.defense) ? subjectOf(model.undefended) : undefined;
    if (inner === undefined) return undefined;
    const own = { name: model.defense.name, options: model.options };
    return { ...inner, chain: [own, ...(inner.chain ?? [])], name: model.name };
  }
  if (model.spec === undefined) return undefined;
  return { model: model.spec, name: model.name, ...(model.settings && { settings: model.settings }) };
}

/** The spec of an attack of the catalog; undefined for one that only exists in this thread. */
export function attackSpecOf(
  attack: Attack,
  options: AttackSpec['options'],
  through: AttackSpec['through'],
): AttackSpec | undefined {
  if (!attacks.includes(attack)) return undefined;
  return {
    name: attack.name,
    ...(options === undefined ? {} : { options }),
    ...(through === undefined ? {} : { through }),
  };
}

/** Views by name, with their options checked. @throws AdvarenaError UNKNOWN_NAME, OPTION */
export function resolveViews(through: AttackSpec['through']): ResolvedAttack['views'] {
  return (through ?? []).map((v) => {
    const view = find('view', named(v).name, views);
    return { view, options: parseOptions(view.options, named(v).options, `view ${view.name}`) };
  });
}
