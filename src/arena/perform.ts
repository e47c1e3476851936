import { attacks } from '../attacks/index.ts';
import {
  type AttackWork,
  attackJob,
  judgeImages,
  nameOf,
  openedBy,
  type Predictions,
  type Proposal,
  predictJob,
  roleSeed,
  scoreFlags,
  secretOf,
  shareFlags,
} from '../judge/index.ts';
import { byKind, type Subject } from '../models/index.ts';
import { hashJson, type Json, type Performed, type Store } from '../runs/index.ts';
import { type Hosts, type Job, JobEnded } from '../runtime/index.ts';
import {
  AdvarenaError,
  distances,
  type LimitSpec,
  limitOf,
  randomOf,
  rows,
  type Tensor,
  takeRows,
  toFloat,
} from '../tensor/index.ts';
import type { AttackOutcome, DefendOutcome } from './outcomes.ts';
import { decodeRow, hashRow, inTurns, pngs } from './pixels.ts';
import type { ArenaStep, Row, Work } from './plan.ts';
import type { Arena } from './prepare.ts';
import type { AttackRule } from './rules.ts';

/** A batch that does not stop at its limit by itself is ended after so much more: its models are loaded in it. */
const graceSeconds = 30;

/** Attacked batches kept as pixels, so that the defenses need not decode them. */
const keptBytes = 256 * 2 ** 20;

/**
 * Performs the steps of a tournament in hosts.
 * @returns a function for the executor; it throws what is wrong with the machine or the files, while crashes and
 *   timeouts of attacks and defenses are outcomes
 */
export function performer(
  arena: Arena,
  store: Store,
  hosts: Hosts,
): (step: ArenaStep, signal: AbortSignal, tick: () => void) => Promise<Performed> {
  const { run, images } = arena;
  const seconds = run.rules.batch.seconds;
  const device = run.versions['device'];
  const secret = secretOf(run.rules.seed);
  const recent = recentBatches();

  async function performImages({ batch }: Extract<Work, { kind: 'images' }>): Promise<Performed> {
    return {
      outcome: null,
      outputs: await pngs(
        rows(images, batch.from, batch.to),
        batch.images.map((i) => i.id),
      ),
    };
  }

  async function performAttack(
    step: ArenaStep,
    { attack, batch, epsilon, against }: Extract<Work, { kind: 'attack' }>,
    signal: AbortSignal,
    tick: () => void,
  ): Promise<Performed> {
    const { norm, seed } = run.rules;
    const spec: LimitSpec = { norm, epsilon };
    const sources = attack.sources.map((source) => arena.subject(source));
    const opponent = against && { model: arena.subject(against), granted: attack.opponent };
    const ids = batch.images.map((i) => i.id);
    const clean = toFloat(rows(images, batch.from, batch.to));
    const job = attackJob({
      attack: { name: attack.attack, options: attack.options, through: attack.through },
      ...partiesOf(attack, sources, opponent),
      limit: spec,
      pixels: '8-bit',
      goal: attack.goal,
      seed: roleSeed(seed, 'attack'),
      ...(attack.queries !== undefined && { queries: attack.queries }),
      ids,
      images: clean,
      seconds,
      ...(attack.labels === 'true' ? { labels: Int32Array.from(batch.images, (i) => i.label) } : {}),
      ...(attack.goal === 'targeted'
        ? { targets: Int32Array.from(batch.images, (i) => i.target as number) }
        : {}),
    });
    const ran = await attempt(hosts, job, step.label, signal, tick);
    if (ran.status !== 'ok')
      return ended(
        { ...ran.ended, images: ids.map(() => null), outside: 0, zero: 0, notFinite: 0 },
        ran.seconds,
      );
    const proposal = ran.value as Proposal;
    const judged = judgeImages(proposal.images, limitOf(spec, clean, { pixels: '8-bit' }));
    const made = judged.bytes as Tensor<'uint8'>;
    const far = distances(made, rows(images, batch.from, batch.to), norm);
    const outcome: AttackOutcome = {
      status: proposal.timedOut ? 'timeout' : 'ok',
      ...(proposal.timedOut
        ? { message: `Stopped after ${seconds} s: the images are its best so far.` }
        : {}),
      flags: proposal.flags,
      ...(proposal.idle.length > 0 && { idle: proposal.idle }),
      outside: judged.outside,
      zero: proposal.zero,
      notFinite: proposal.notFinite,
      images: ids.map((_, i) => ({
        pixels: hashRow(made, i),
        distance: far[i] as number,
        asked: byKind((kind) => proposal.counts[kind][i] as number),
      })),
    };
    recent.add(hashJson(outcome.images.map((i) => i?.pixels)), made);
    return { ...ended(outcome, ran.seconds), outputs: await pngs(made, ids) };
  }

  async function performDefend(
    step: ArenaStep,
    { defense, rows: asked }: Extract<Work, { kind: 'defend' }>,
    signal: AbortSignal,
  ): Promise<Performed> {
    const batch = recent.get(step.inputs['images'] as string) ?? (await decode(asked));
    // Neither names nor order may tell a defense which attack it faces: equal pixels have equal names.
    const order = randomOf(run.rules.seed, 'judge').stream(step.id, 'order').permutation(asked.length);
    const job = predictJob({
      subject: arena.subject(defense),
      ids: Array.from(order, (i) => nameOf(secret, (asked[i] as Row).pixels)),
      images: takeRows(batch, order),
      draws: run.rules.draws,
    });
    const ran = await attempt(hosts, job, step.label, signal);
    if (ran.status !== 'ok') return ended({ ...ran.ended, classes: [asked.map(() => null)] }, ran.seconds);
    const { classes: answers, flags, ...odd } = ran.value as Predictions;
    const classes = answers.map((own) => {
      const inOrder: (number | null)[] = asked.map(() => null);
      for (const [i, row] of order.entries()) if ((own[i] as number) >= 0) inOrder[row] = own[i] as number;
      return inOrder;
    });
    const told = [
      ...flags,
      ...scoreFlags(defense.name, odd),
      ...shareFlags(defense.name, odd.shares, asked.length),
    ];
    return ended({ status: 'ok', flags: told, classes }, ran.seconds);
  }

  async function decode(asked: readonly Row[]): Promise<Tensor<'uint8'>> {
    const batch = takeRows(
      images,
      asked.map((row) => row.index),
    );
    await inTurns(asked.length, async (i) => {
      const { blob } = asked[i] as Row;
      if (blob !== undefined) await decodeRow(await store.get(blob), batch, i, `blob ${blob}`);
    });
    return batch;
  }

  return (step, signal, tick) => {
    const { work } = step;
    if (work.kind === 'images') return performImages(work);
    if (work.kind === 'attack') return performAttack(step, work, signal, tick);
    return performDefend(step, work, signal);
  };

  /** Runs a job, a crashed one twice: what happens to it twice is its own doing. */
  async function attempt(
    on: Hosts,
    job: Job,
    name: string,
    signal: AbortSignal,
    tick: () => void = () => {},
  ): Promise<Attempt> {
    const options = { signal, name, onProgress: tick, timeoutSeconds: seconds + graceSeconds };
    for (let again = false; ; again = true) {
      const from = performance.now();
      const passed = (): number => (performance.now() - from) / 1000;
      try {
        return { status: 'ok', value: await on.run(job, options), seconds: passed() };
      } catch (error) {
        const status = blame(error);
        if (status === undefined) throw error;
        const crash = error instanceof JobEnded && error.code === 'RUNTIME_CRASH';
        if (crash && !again) continue;
        const { message } = error as Error;
        // Drivers of graphics cards crash too: that is nobody's defeat.
        if (crash && device !== undefined)
          throw new AdvarenaError('RUNTIME_CRASH', message, {
            where: name,
            remedy: `Hold the tournament on the device cpu, or mend the driver of ${device}.`,
            broken: true,
          });
        return { status, ended: { status, message, flags: [] }, seconds: passed() };
      }
    }
  }
}

type Attempt =
  | { status: 'ok'; value: unknown; seconds: number }
  | {
      status: 'timeout' | 'crashed';
      ended: { status: 'timeout' | 'crashed'; message: string; flags: [] };
      seconds: number;
    };

/** What an attack or defense is itself to blame for; undefined for what is wrong with the machine or the files. */
function blame(error: unknown): 'timeout' | 'crashed' | undefined {
  if (error instanceof JobEnded)
    return error.code === 'TIMEOUT' ? 'timeout' : error.code === 'RUNTIME_CRASH' ? 'crashed' : undefined;
  if (error instanceof AdvarenaError)
    return ['ATTACK_IMAGES', 'ATTACK_FAILED'].includes(error.code) ? 'crashed' : undefined;
  return 'crashed';
}

function ended(outcome: AttackOutcome | DefendOutcome, seconds: number): Performed {
  return { outcome: outcome as unknown as Json, observed: { seconds } };
}

function recentBatches(): {
  add(key: string, images: Tensor<'uint8'>): void;
  get(key: string): Tensor<'uint8'> | undefined;
} {
  const kept = new Map<string, Tensor<'uint8'>>();
  return {
    get: (key) => kept.get(key),
    add(key, images) {
      kept.delete(key);
      kept.set(key, images);
      let bytes = 0;
      for (const [old, { data }] of [...kept].toReversed()) {
        bytes += data.length;
        if (bytes > keptBytes) kept.delete(old);
      }
    },
  };
}

/** The models of an attack: its sources, or the defense that it meets. */
function partiesOf(
  { attack }: AttackRule,
  sources: readonly Subject[],
  opponent: AttackWork['opponent'],
): Pick<AttackWork, 'model' | 'members' | 'opponent' | 'granted'> {
  if (sources.length === 0)
    return opponent === undefined ? {} : { model: opponent.model, granted: opponent.granted, opponent };
  return { ...openedBy(attacks.find(attack), sources), ...(opponent && { opponent }) };
}
