import {
  chanceFlags,
  gradientFlags,
  idleFlags,
  levelFlags,
  outsideFlags,
  shiftFlags,
} from '../judge/index.ts';
import type { Flag } from '../models/index.ts';
import { hashJson, type StepRecord } from '../runs/index.ts';
import { epsilonText, ones } from '../tensor/index.ts';
import { score } from './boards.ts';
import { bootstrap } from './bootstrap.ts';
import { chooseExamples } from './examples.ts';
import { type Plan, planOf } from './plan.ts';
import type { AttackEntry, Cell, TournamentResult } from './result.ts';
import type { AttackRule, DefenseRule } from './rules.ts';
import type { ImageEntry, NetworkHashes, RunFile } from './run-file.ts';
import { type Clean, isTargeted, type Tallies, tally, threatOf } from './tally.ts';

/** All figures of a tournament: a pure function of what the run directory says. */
export function scoresOf(
  run: RunFile,
  records: ReadonlyMap<string, StepRecord>,
  conflicts: readonly string[] = [],
): TournamentResult {
  const plan = planOf(run);
  return resultOf(run, plan, tally(run, plan, records), records, conflicts);
}

/** The same from tallies that are there already. */
export function resultOf(
  run: RunFile,
  plan: Plan,
  tallies: Tallies,
  records: ReadonlyMap<string, StepRecord>,
  conflicts: readonly string[],
): TournamentResult {
  const { rules, dataset } = run;
  return {
    name: rules.name,
    seed: rules.seed,
    norm: rules.norm,
    epsilons: rules.epsilons,
    epsilonPerBatch: rules.epsilonPerBatch,
    draws: rules.draws,
    dataset: {
      name: dataset.name,
      images: dataset.images.length,
      ...(dataset.classNames && {
        classNames: Object.fromEntries(dataset.classNames.map((c, i) => [i + dataset.labelOffset, c])),
      }),
    },
    attacks: rules.attacks.map((a) => attackEntry(run, a)),
    defenses: rules.defenses.map((d) => ({
      name: d.name,
      model: d.model,
      chain: d.chain,
      baseline: d.baseline,
    })),
    networks: Object.entries(rules.models).flatMap(([name, model]) =>
      'file' in model ? [{ name, file: model.file, ...(run.models[name]?.[0] as NetworkHashes) }] : [],
    ),
    cells: cellsOf(tallies),
    ...score(rules, tallies, bootstrap(dataset.images.length, rules.seed)),
    examples: chooseExamples(run, tallies),
    flags: flagsOf(run, plan, tallies, records, conflicts),
    versions: run.versions,
  };
}

function attackEntry(run: RunFile, a: AttackRule): AttackEntry {
  const names = a.sources.flatMap(({ model: name }) => {
    const model = run.rules.models[name];
    return model !== undefined && 'ensemble' in model ? model.ensemble : [name];
  });
  const through = a.through.map((view) => view.name).join(', ');
  return {
    name: a.name,
    attack: through === '' ? a.attack : `${a.attack} through ${through}`,
    options: a.options,
    goal: isTargeted(a) ? 'targeted' : 'untargeted',
    sources: [...new Set(names)],
    ...(a.opponent !== 'none' && { opponent: a.opponent }),
    baseline: a.baseline,
  };
}

function cellsOf(tallies: Tallies): Cell[] {
  return tallies.cells
    .map((c) => ({ c, images: ones(c.covered) }))
    .filter(({ images }) => images > 0)
    .map(({ c, images }) => ({
      attack: c.attack.name,
      defense: c.defense.name,
      epsilon: c.epsilon,
      threat: c.threat,
      images,
      accuracy: ones(c.right) / images,
      error: ones(c.error) / images,
      ...(isTargeted(c.attack) ? { hit: ones(c.hit) / images } : {}),
    }));
}

/** What changes how the figures may be read: of the models and attacks, and of the run itself. */
function flagsOf(
  run: RunFile,
  plan: Plan,
  tallies: Tallies,
  records: ReadonlyMap<string, StepRecord>,
  conflicts: readonly string[],
): Flag[] {
  const flags = new Map<string, Flag>();
  const add = (code: string, message: string): unknown => flags.set(`${code} ${message}`, { code, message });
  const { done, total } = plan.count(records);
  if (done < total)
    add('UNFINISHED', `${total - done} of ${total} steps have no record: figures cover the others only.`);
  if (conflicts.length > 0)
    add('CONFLICT', `${conflicts.length} steps were done twice with different outcomes; the first counts.`);
  for (const epsilon of run.rules.epsilons)
    for (const flag of levelFlags({ norm: run.rules.norm, epsilon }, '8-bit')) add(flag.code, flag.message);
  for (const clean of tallies.clean) for (const flag of cleanFlags(run, clean)) add(flag.code, flag.message);
  for (const flag of run.rules.defenses.flatMap((defense) => blindFlags(run, defense)))
    add(flag.code, flag.message);
  for (const [attack, found] of tallies.idle)
    for (const flag of idleFlags(found)) add(flag.code, `${attack}: ${flag.message}`);
  const flat = flatModels(run, records);
  for (const m of tallies.made) {
    const met = m.against === undefined ? '' : ` against ${m.against.name}`;
    const where = `${m.attack.name} at ${epsilonText(run.rules.norm, m.epsilon)}${met}`;
    for (const f of m.failed)
      add(
        'ATTACK_FAILED',
        `${where}, batch ${f.batch.index + 1}: ${f.status}, no images: clean ones stand in, and count nothing for it. ${f.message}`,
      );
    const sources = m.attack.sources.map((source) => source.model).join('+');
    const name = sources === '' ? (m.against?.name ?? '') : sources;
    const opened =
      m.attack.sources.length > 0 ? m.attack.sources : m.against === undefined ? [] : [m.against];
    const known = opened.length > 0 && opened.every(({ model }) => flat.has(model));
    for (const flag of [...outsideFlags(m.outside), ...gradientFlags(name, m, ones(m.covered), { known })])
      add(flag.code, `${where}: ${flag.message}`);
  }
  for (const s of tallies.silent)
    add('DEFENSE_FAILED', `${s.defense} gave no answers for a batch: ${s.status}. ${s.message}`);
  for (const record of [...records.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const outcome = record.outcome as { flags?: Flag[]; status?: string } | null;
    for (const flag of outcome?.flags ?? []) add(flag.code, flag.message);
    if (record.kind === 'attack' && outcome?.status === 'timeout')
      add('TIMEOUT', 'Attacks were stopped by the clock: their images depend on the speed of the machine.');
  }
  return [...flags.values()];
}

/**
 * Of a defense whose network attacks open, while none of them has its chain before it or may ask it: what it resists
 * may be nothing but attacks that did not know of it.
 */
function blindFlags({ rules, models }: RunFile, defense: DefenseRule): Flag[] {
  const { name, chain } = defense;
  if (chain.length === 0) return [];
  const seen = (attack: AttackRule): boolean =>
    attack.opponent !== 'none' || attack.sources.some((source) => hashJson(source.chain) === hashJson(chain));
  const opened = rules.attacks.filter((attack) => threatOf({ models }, attack, defense) === 'white box');
  if (opened.length === 0 || opened.some(seen)) return [];
  const links = chain.map((link) => link.name).join(' and ');
  return [
    {
      code: 'BLIND',
      message: `No attack that opens the network of ${name} knew of its ${links}: also its figures of a white box are of blind attacks. Let one of them have ${name} under sources, or opponent: gradient.`,
    },
  ];
}

/** Names of models whose graphs say that their gradient is zero everywhere. */
function flatModels(run: RunFile, records: ReadonlyMap<string, StepRecord>): ReadonlySet<string> {
  const told = [...records.values()]
    .flatMap(({ outcome }) => (outcome as { flags?: Flag[] } | null)?.flags ?? [])
    .filter(({ code }) => code === 'ZERO_GRADIENT');
  const flat = (name: string): boolean => told.some(({ message }) => message.startsWith(`${name}: `));
  return new Set(
    Object.entries(run.rules.models)
      .filter(([name, model]) => ('ensemble' in model ? model.ensemble : [name]).some(flat))
      .map(([name]) => name),
  );
}

/** Of a defense on the clean images that it was asked about: is there anything to be robust? */
function cleanFlags({ dataset }: RunFile, { defense, covered, right, answered, answers }: Clean): Flag[] {
  const rows = [...covered.keys()].filter((row) => covered[row] === 1);
  const labels = rows.map((row) => (dataset.images[row] as ImageEntry).label);
  const own = rows.map((row) => answers[row] as number);
  const sum = (shares: Float64Array): number => Math.round(shares.reduce((a, share) => a + share, 0));
  return [
    ...chanceFlags(
      { name: defense.name, classes: dataset.classes },
      { right: sum(right), answered: sum(answered), labels, answers: own },
    ),
    ...shiftFlags(defense, own, labels),
  ];
}
