import type { Attack, GoalKind, Queries } from '../attacks/index.ts';
import { type EntrySpec, parseEpsilon } from '../catalog/index.ts';
import { refuseQueries, resolveAttack, resolveDefense } from '../judge/index.ts';
import { type Access, type Fusion, type InputSetting, within } from '../models/index.ts';
import { parseYaml, readYaml, type YamlFile } from '../runs/index.ts';
import { dirName, joinPath, readText } from '../runtime/index.ts';
import { AdvarenaError, checkEpsilon, type Norm, unknownName } from '../tensor/index.ts';
import { type RulesFile, rulesSchema } from './schema.ts';

/** A network of the rules: paths are relative to the rules' folder. */
export interface FileRule {
  file: string;
  inputs?: Record<string, InputSetting>;
  /** Whether its final softmax or sigmoids are cut off. */
  logits?: true;
}

/** A model of the rules: a network, or the names of its members. */
export type ModelRule = FileRule | { ensemble: string[]; fuse: Fusion; weights?: number[] };

/** A model behind a chain of defenses, all options filled in. */
export interface SubjectRule {
  /** Name of a model. */
  model: string;
  chain: Required<EntrySpec>[];
}

export interface AttackRule {
  name: string;
  attack: string;
  options: Record<string, unknown>;
  through: Required<EntrySpec>[];
  goal: GoalKind;
  labels: 'true' | 'predicted';
  /** `fixed`: once per epsilon; `minimum`: once, judged at all. */
  radius: 'fixed' | 'minimum';
  /** What it may open in the place of the defense; empty where it opens nothing. */
  sources: SubjectRule[];
  /** What it may ask of the defense that it meets: its images are then made for each. */
  opponent: Access;
  /** Questions per image. */
  queries?: Queries;
  baseline: boolean;
}

export interface DefenseRule extends SubjectRule {
  name: string;
  baseline: boolean;
}

/** The rules as resolved: every default and every option filled in, every name known. Plain data. */
export interface Rules {
  name: string;
  seed: number;
  norm: Norm;
  /** In pixel units of [0,1]. */
  epsilons: number[];
  epsilonPerBatch: 'all' | 'cycle';
  /** Draws that the judge asks of a random defense. */
  draws: number;
  dataset: RulesFile['dataset'];
  batch: { size: number; seconds: number };
  models: Record<string, ModelRule>;
  attacks: AttackRule[];
  defenses: DefenseRule[];
  comparisons: { title: string; above: string[]; below: string[]; on: string[] }[];
  examples: number;
}

/** @throws AdvarenaError as {@link parseRules}, FILE_MISSING, FILE_UNREADABLE */
export async function loadRules(file: string): Promise<Rules> {
  return parseRules(await readText(file, 'RULES'), file);
}

/** A path of the rules, which is relative to their file. */
export function besideRules(rulesFile: string, path: string): string {
  return /^(?:[a-z]:)?[\\/]/i.test(path) ? path : joinPath(dirName(rulesFile), path);
}

/**
 * Checks a competition file whole before anything runs.
 * @throws AdvarenaError RULES with line and column: unknown keys, misspelt names and options (with the nearest),
 *   epsilons that are not positive, attacks without the norm, goal or source that is asked for
 */
export function parseRules(text: string, file: string): Rules {
  const yaml = readYaml(text, file, {
    code: 'RULES',
    remedy: 'See docs/formats.md for the entries of a competition file.',
  });
  const given = parseYaml(yaml, rulesSchema);
  const models = resolveModels(given, yaml);
  const defenses = Object.entries(given.defenses).map(([name, d]): DefenseRule => {
    need(yaml, ['defenses', name, 'model'], 'model', d.model, Object.keys(models));
    return {
      name,
      model: d.model,
      chain: resolveChain(d.chain, ['defenses', name, 'chain'], yaml),
      baseline: d.baseline,
    };
  });
  const attacks = Object.keys(given.attacks).map((name) => resolveEntry(name, given, defenses, yaml));
  for (const [what, list] of [
    ['attacks', attacks],
    ['defenses', defenses],
  ] as const)
    if (list.length === 0)
      throw yaml.error([what], `There are no ${what}.`, { remedy: `Name one under ${what}.` });
  for (const [i, c] of given.comparisons.entries()) {
    for (const side of ['above', 'below'] as const)
      for (const [j, name] of c[side].entries())
        need(yaml, ['comparisons', i, side, j], 'attack', name, Object.keys(given.attacks));
    for (const [j, name] of c.on.entries())
      need(yaml, ['comparisons', i, 'on', j], 'defense', name, Object.keys(given.defenses));
  }
  const epsilons = given.epsilons.map((e, i) => at(yaml, ['epsilons', i], () => parseEpsilon(e)));
  const twice = epsilons.findIndex((e, i) => epsilons.indexOf(e) < i);
  if (twice >= 0)
    throw yaml.error(['epsilons', twice], `The epsilon ${given.epsilons[twice]} stands there twice.`, {
      remedy: 'Leave one of them out.',
    });
  const wide = given.norm === 'linf' ? epsilons.findIndex((e) => e > 1) : -1;
  if (wide >= 0)
    throw yaml.error(['epsilons', wide], `The epsilon is ${epsilons[wide]}, but pixels run from 0 to 1.`, {
      remedy: 'Write levels as fractions of 255, such as 8/255.',
    });
  for (const [i, e] of epsilons.entries()) at(yaml, ['epsilons', i], () => checkEpsilon(given.norm, e));
  const { name, seed, norm, epsilonPerBatch, draws, dataset, batch, comparisons, examples } = given;
  return {
    name,
    seed,
    norm,
    epsilons,
    epsilonPerBatch,
    draws,
    dataset,
    batch,
    models,
    attacks,
    defenses,
    comparisons,
    examples,
  };
}

function resolveModels(given: RulesFile, yaml: YamlFile): Record<string, ModelRule> {
  const files = Object.keys(given.models).filter((name) => isNetwork(given.models[name]));
  if (files.length === 0)
    throw yaml.error(['models'], 'There are no models.', { remedy: 'Name an ONNX file under models.' });
  return Object.fromEntries(
    Object.entries(given.models).map(([name, m]): [string, ModelRule] => {
      if (typeof m === 'string') return [name, { file: m }];
      if ('file' in m) {
        const { file, inputs, logits } = m;
        return [name, { file, ...(inputs && { inputs }), ...(logits === true && { logits }) }];
      }
      for (const [i, member] of m.ensemble.entries())
        need(yaml, ['models', name, 'ensemble', i], 'model', member, files);
      if (m.weights !== undefined && m.weights.length !== m.ensemble.length)
        throw yaml.error(
          ['models', name, 'weights'],
          `${m.weights.length} weights for ${m.ensemble.length} members.`,
          { remedy: 'Give one weight per member.' },
        );
      const { ensemble, fuse, weights } = m;
      return [name, { ensemble, fuse, ...(weights === undefined ? {} : { weights }) }];
    }),
  );
}

function isNetwork(model: RulesFile['models'][string] | undefined): boolean {
  return typeof model === 'string' || (model !== undefined && 'file' in model);
}

function resolveEntry(
  name: string,
  given: RulesFile,
  defenses: readonly DefenseRule[],
  yaml: YamlFile,
): AttackRule {
  const entry = given.attacks[name] as RulesFile['attacks'][string];
  const path = ['attacks', name];
  const spec = { name: entry.attack, ...(entry.options === undefined ? {} : { options: entry.options }) };
  const { attack, options } = at(
    yaml,
    (error) => [...path, error.code === 'OPTION' ? 'options' : 'attack'],
    () => resolveAttack(spec),
  );
  const through = (entry.through ?? []).map((link, i) => {
    const view = at(
      yaml,
      [...path, 'through', i],
      () => resolveAttack({ ...spec, through: [plain(link)] }).views[0],
    );
    return { name: view?.view.name ?? '', options: view?.options ?? {} };
  });
  const goal = entry.goal ?? (attack.goals.includes('untargeted') ? 'untargeted' : 'targeted');
  refuseUnsuited(attack, goal, given.norm, path, yaml);
  if (attack.region === 'needed')
    throw yaml.error([...path, 'attack'], `The attack ${attack.name} works in a region of the image.`, {
      remedy: 'Tournaments have no regions yet: try it with `advarena attack`.',
    });
  const opponent = entry.opponent ?? 'none';
  refuseOpponent(attack, entry, path, yaml);
  const labels = entry.labels ?? given.labels;
  const named = goal === 'least-likely' || (goal === 'untargeted' && labels === 'predicted');
  const sources = resolveSources(entry, { attack, named }, path, { given, defenses, yaml });
  const { queries } = entry;
  at(yaml, [...path, 'queries'], () => refuseQueries(attack, queries));
  return {
    name,
    attack: attack.name,
    options,
    through,
    goal,
    // Who opens no model has no answers of its own to take for labels.
    labels: labels === 'predicted' && attack.access !== 'none' ? 'predicted' : 'true',
    radius: attack.radius,
    sources,
    opponent,
    ...(queries === undefined ? {} : { queries }),
    baseline: entry.baseline,
  };
}

function refuseUnsuited(attack: Attack, goal: GoalKind, norm: Norm, path: string[], yaml: YamlFile): void {
  if (!attack.norms.includes(norm))
    throw yaml.error([...path, 'attack'], `The attack ${attack.name} does not work in ${norm}.`, {
      remedy: `Its norms are ${attack.norms.join(', ')}.`,
    });
  if (!attack.goals.includes(goal))
    throw yaml.error([...path, 'goal'], `The attack ${attack.name} has no ${goal} form.`, {
      remedy: `Its goals are ${attack.goals.join(', ')}.`,
    });
}

/** An attack works on sources, on the defense that it meets, or on nothing. */
function refuseOpponent(
  attack: Attack,
  { sources, opponent = 'none' }: RulesFile['attacks'][string],
  path: string[],
  yaml: YamlFile,
): void {
  const refuse = (key: string, message: string, remedy: string): never => {
    throw yaml.error([...path, key], message, { remedy });
  };
  if (attack.access === 'none') {
    if (sources !== undefined)
      refuse('sources', `The attack ${attack.name} opens no model.`, 'Leave its sources out.');
    if (opponent !== 'none')
      refuse('opponent', `The attack ${attack.name} asks no model.`, 'Leave opponent out.');
    return;
  }
  if (sources === undefined && opponent === 'none')
    refuse(
      'sources',
      `The attack ${attack.name} needs sources.`,
      `Name under sources the models that it may open, or let it ask the defense that it meets: opponent: ${attack.access}.`,
    );
  if (sources === undefined && !within(attack.access, opponent))
    refuse(
      'opponent',
      `The attack ${attack.name} asks its model for ${attack.access}, the rules grant ${opponent}.`,
      `Grant opponent: ${attack.access}, or name sources.`,
    );
  if (attack.opponent !== undefined && !within(attack.opponent, opponent))
    refuse(
      'opponent',
      `The attack ${attack.name} asks the defense that it meets for ${attack.opponent}, the rules grant ${opponent}.`,
      `Grant opponent: ${attack.opponent}.`,
    );
  if (sources !== undefined && attack.opponent === undefined && opponent !== 'none')
    refuse(
      'opponent',
      `The attack ${attack.name} works on its sources and asks nothing of the defense that it meets.`,
      'Leave opponent out, or its sources.',
    );
}

/**
 * Each source names a model or a defense; of one name for both, the defense must be the bare model.
 * @param of.named whether the sources are to name the classes in question: then they must be one
 */
function resolveSources(
  { sources = [] }: RulesFile['attacks'][string],
  of: { attack: Attack; named: boolean },
  path: string[],
  { given, defenses, yaml }: { given: RulesFile; defenses: readonly DefenseRule[]; yaml: YamlFile },
): SubjectRule[] {
  const names = typeof sources === 'string' ? [sources] : sources;
  const place = (i: number): PropertyKey[] => [
    ...path,
    'sources',
    ...(typeof sources === 'string' ? [] : [i]),
  ];
  return names.map((name, i) => {
    const defense = defenses.find((d) => d.name === name);
    const model = Object.hasOwn(given.models, name) ? given.models[name] : undefined;
    if (defense === undefined)
      need(yaml, place(i), 'model or defense', name, [
        ...new Set([...Object.keys(given.models), ...defenses.map((d) => d.name)]),
      ]);
    if (defense !== undefined && model !== undefined && (defense.model !== name || defense.chain.length > 0))
      throw yaml.error(place(i), `"${name}" is both a model and a defense.`, {
        remedy: 'Rename the defense.',
      });
    const subject =
      defense === undefined ? { model: name, chain: [] } : { model: defense.model, chain: defense.chain };
    const plain = subject.chain.length === 0 && isNetwork(given.models[subject.model]);
    if (names.length > 1 && (of.attack.members !== true || of.named) && !plain)
      throw yaml.error(place(i), `The source ${name} is no plain network, so it cannot be one of several.`, {
        remedy: of.named
          ? 'Its answers would be needed for labels: name it alone, or name networks.'
          : 'Name it alone, or name networks.',
      });
    return subject;
  });
}

function resolveChain(
  chain: RulesFile['defenses'][string]['chain'],
  path: PropertyKey[],
  yaml: YamlFile,
): Required<EntrySpec>[] {
  return chain.map((link, i) => {
    const { defense, options } = at(yaml, [...path, i], () => resolveDefense(plain(link)));
    return { name: defense.name, options };
  });
}

/** Absent options stay absent: a property that is undefined is another thing. */
function plain(spec: string | { name: string; options?: Record<string, unknown> | undefined }): EntrySpec {
  if (typeof spec === 'string') return { name: spec };
  return { name: spec.name, ...(spec.options === undefined ? {} : { options: spec.options }) };
}

function need(yaml: YamlFile, path: PropertyKey[], what: string, name: string, known: string[]): void {
  if (!known.includes(name)) throw yaml.error(path, unknownName(what, name, known));
}

/** What `check` throws, at its place in the file. */
function at<T>(
  yaml: YamlFile,
  path: PropertyKey[] | ((error: AdvarenaError) => PropertyKey[]),
  check: () => T,
): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof AdvarenaError)) throw error;
    const { message, remedy } = error;
    throw yaml.error(
      typeof path === 'function' ? path(error) : path,
      message,
      remedy === undefined ? {} : { remedy },
    );
  }
}
