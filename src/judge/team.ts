import type { Attack } from '../attacks/index.ts';
import { type Classifier, type EnsembleSpec, type NetworkSpec, type Subject } from '../models/index.ts';
import { defaultHosts, type Hosts, openHosts } from '../runtime/index.ts';
import { AdvarenaError, type Images, randomOf } from '../tensor/index.ts';
import {
  type AttackProgress,
  attackJob,
  judgeSeed,
  type Predictions,
  predictJob,
  predictWith,
} from './jobs.ts';
import { type Assignment, makeImages, type Parties, type Proposal } from './make-images.ts';
import type { Checked } from './request.ts';
import { roleSeed } from './secrets.ts';
import { type AttackSpec, openSubject, type ResolvedAttack, subjectOf } from './specs.ts';

/** Where shards are worked on: in hosts, or in this thread for what exists here alone. */
export interface Team extends AsyncDisposable {
  readonly size: number;
  readonly rowsPerRun: number;
  attack(assignment: Assignment, step: (done: number) => void): Promise<Proposal>;
  predict(names: readonly string[], images: Images): Promise<Predictions>;
}

export interface TeamOptions {
  model: Classifier;
  sources: readonly Classifier[] | undefined;
  granted: Checked['granted'];
  resolved: ResolvedAttack;
  /** Undefined for what is of no catalog. */
  spec: AttackSpec | undefined;
  draws: number;
  /** Of the attack's role. */
  seed: string;
  hosts: number | Hosts | undefined;
  signal: AbortSignal | undefined;
}

/** Milliseconds between two timers: one alone takes as long as twenty questions to a small network. */
const timerEvery = 20;

/** @throws AdvarenaError SOURCES where several sources cannot be one */
export async function openTeam(options: TeamOptions): Promise<Team> {
  const { model, sources, granted, resolved, spec, draws, seed } = options;
  const judged = subjectOf(model);
  const members = sources?.map(subjectOf);
  // What is left of the work when some of it fails is not worth going on with.
  const leaving = new AbortController();
  const signal = AbortSignal.any([leaving.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  const { attack } = resolved;
  const asks = attack.opponent !== undefined;
  if (judged === undefined || spec === undefined || members?.some((m) => m === undefined) === true) {
    let next = 0;
    const pause = async (): Promise<void> => {
      if (performance.now() >= next) {
        await new Promise((resolve) => setTimeout(resolve));
        next = performance.now() + timerEvery;
      }
      if (signal.aborted) throw new AdvarenaError('STOPPED', 'The attack was stopped.');
    };
    if (sources !== undefined && sources.length > 1 && attack.members !== true)
      throw new AdvarenaError('SOURCES', 'Several sources that only exist in this thread cannot be one.', {
        remedy: 'Load them from files, or give one.',
      });
    const opened: Classifier[] = [];
    /** A model that can be built again, for another role. */
    const again = async (of: Classifier, seed: string): Promise<Classifier> => {
      const subject = subjectOf(of);
      if (subject === undefined) return of;
      const random = randomOf(roleSeed(seed, 'model'), 'model');
      const own = await openSubject(subject, { size: of.input, random });
      opened.push(own);
      return own;
    };
    /** The numbers that a random model draws for the attack follow from the attack's seed. */
    const drawing = (of: Classifier): Promise<Classifier> =>
      of.random ? again(of, seed) : Promise.resolve(of);
    const first = sources === undefined ? model : sources.length === 1 ? sources[0] : undefined;
    const parties: Parties = {
      model: first && (await drawing(first)),
      ...(sources && {
        members: await Promise.all(sources.flatMap((s) => s.members ?? [s]).map(drawing)),
      }),
      ...(asks && { opponent: { model: await drawing(model), granted: granted.opponent } }),
      ...(sources === undefined && { granted: granted.model }),
    };
    // It is asked by other sessions than the attack's.
    const judge = await again(model, judgeSeed);
    return {
      size: 1,
      rowsPerRun: (sources?.[0] ?? model).rowsPerRun,
      attack: (a, step) => makeImages(parties, resolved, a, { step, pause }),
      predict: (ids, images) => predictWith(judge, { ids, images, draws }),
      [Symbol.asyncDispose]: async () => {
        for (const own of opened) await own.release();
      },
    };
  }
  const subjects = members?.map((m) => m as Subject);
  const opened = subjects === undefined ? { model: judged } : openedBy(attack, subjects);
  const device = [judged, ...(subjects ?? [])]
    .map((s) => s.settings?.device)
    .find((d) => d !== undefined && d !== 'cpu');
  const given = options.hosts;
  const own = typeof given === 'object' ? undefined : openHosts({ count: given ?? defaultHosts(device) });
  const hosts = own ?? (given as Hosts);
  const parties = {
    ...opened,
    ...(asks && { opponent: { model: judged, granted: granted.opponent } }),
    ...(subjects === undefined && { granted: granted.model }),
  };
  return {
    size: hosts.size,
    rowsPerRun: (sources?.[0] ?? model).rowsPerRun,
    attack: async (a, step) =>
      (await hosts.run(attackJob({ ...a, ...parties, attack: spec }), {
        signal,
        name: (sources?.[0] ?? model).name,
        onProgress: (value) => step((value as AttackProgress).step),
      })) as Proposal,
    predict: async (ids, images) =>
      (await hosts.run(predictJob({ subject: judged, ids, images, draws }), {
        signal,
        name: model.name,
      })) as Predictions,
    [Symbol.asyncDispose]: async () => {
      leaving.abort();
      await own?.close();
    },
  };
}

/**
 * What sources are to an attack: one model, and one by one where it takes them so. For such an attack several that
 * cannot be one need not be.
 * @throws AdvarenaError SOURCES where several have to be one and cannot
 */
export function openedBy(
  { members }: Pick<Attack, 'members'>,
  sources: readonly Subject[],
): { model?: Subject; members?: Subject[] } {
  const [first, ...more] = sources;
  const single = more.length === 0 || sources.every(isPlain);
  return {
    ...((single || members !== true || first === undefined) && { model: asOne(sources) }),
    ...(members === true && { members: sources.flatMap(membersOf) }),
  };
}

function isPlain({ model, chain = [] }: Subject): boolean {
  return 'file' in model && chain.length === 0;
}

/**
 * Several sources as one: an ensemble of the mean of their logits.
 * @throws AdvarenaError SOURCES where one of several has defenses or is an ensemble
 */
function asOne(sources: readonly Subject[]): Subject {
  // That the list is empty is told before.
  const first = sources[0] as Subject;
  if (sources.length === 1) return first;
  const ensemble = sources.map(({ model, chain = [], name }): NetworkSpec => {
    if ('file' in model && chain.length === 0) return model;
    throw new AdvarenaError(
      'SOURCES',
      `${name === undefined ? 'A source' : `The source ${name}`} is no plain network, so it cannot be part of an ensemble.`,
      {
        remedy: 'Give it alone, or give networks from files.',
      },
    );
  });
  const { settings } = first;
  return { model: { ensemble } satisfies EnsembleSpec, ...(settings && { settings }) };
}

/** The networks of a source one by one. */
function membersOf(subject: Subject): Subject[] {
  const { model, chain = [], settings } = subject;
  if ('file' in model || chain.length > 0) return [subject];
  return model.ensemble.map((member) => ({ model: member, ...(settings && { settings }) }));
}
