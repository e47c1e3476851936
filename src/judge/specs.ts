import { type Attack, attacks, type View, views } from '../attacks/index.ts';
import { type EntrySpec, parseOptions } from '../catalog/index.ts';
import { type Defense, defend, defenses, isDefended } from '../defenses/index.ts';
import {
  type Classifier,
  isOriginal,
  type ModelSize,
  type ModelSpec,
  openModel,
  type SessionSettings,
} from '../models/index.ts';

/** An attack as plain data: what is hashed, sent to other threads and recorded. */
export interface AttackSpec extends EntrySpec {
  /** Views through which it looks at its model, the outermost first. */
  through?: readonly (string | EntrySpec)[];
}

/** What is attacked or judged: a model behind a chain of defenses, in the order in which an image passes them. */
export interface Subject {
  model: ModelSpec;
  chain?: readonly (string | EntrySpec)[];
  name?: string;
  settings?: SessionSettings;
}

function named(spec: string | EntrySpec): EntrySpec {
  return typeof spec === 'string' ? { name: spec } : spec;
}

export interface ResolvedAttack {
  attack: Attack;
  /** All options, defaults filled in. */
  options: Record<string, unknown>;
  views: { view: View; options: Record<string, unknown> }[];
}

/** @throws AdvarenaError UNKNOWN_NAME with the nearest name, OPTION naming the option */
export function resolveAttack(spec: AttackSpec): ResolvedAttack {
  const attack = attacks.find(spec.name);
  return {
    attack,
    options: parseOptions(attack.options, spec.options, `attack ${attack.name}`),
    views: resolveViews(spec.through),
  };
}

/** @throws AdvarenaError UNKNOWN_NAME with the nearest name, OPTION naming the option */
export function resolveDefense(spec: string | EntrySpec): {
  defense: Defense;
  options: Record<string, unknown>;
} {
  const defense = defenses.find(named(spec).name);
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
    const inner = defenses.all.includes(model.defense) ? subjectOf(model.undefended) : undefined;
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
  if (!attacks.all.includes(attack)) return undefined;
  return {
    name: attack.name,
    ...(options === undefined ? {} : { options }),
    ...(through === undefined ? {} : { through }),
  };
}

/** Views by name, with their options checked. @throws AdvarenaError UNKNOWN_NAME, OPTION */
export function resolveViews(through: AttackSpec['through']): ResolvedAttack['views'] {
  return (through ?? []).map((v) => {
    const view = views.find(named(v).name);
    return { view, options: parseOptions(view.options, named(v).options, `view ${view.name}`) };
  });
}
