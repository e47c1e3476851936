import { AdvarenaError } from '../tensor/index.ts';
import type { Json, StepDefinition } from './canonical.ts';
import type { StepRecord, Store } from './store.ts';

/** A step that can be done now. */
export interface Step<W = unknown> extends StepDefinition {
  id: string;
  /** What people call it. */
  label: string;
  /** What the performer needs beside the definition: places of files, names. Not recorded. */
  work: W;
}

/** What doing a step gave. */
export interface Performed {
  outcome: Json;
  /** Content of the blobs, by name. */
  outputs?: Readonly<Record<string, Uint8Array>>;
  observed?: Readonly<Record<string, Json>>;
}

export interface Progress {
  /** Steps with a record, and steps known so far. */
  done: number;
  total: number;
  running: readonly Running[];
  /** Id of the step whose record was committed just now. */
  finished?: string;
}

export interface Running {
  id: string;
  label: string;
  seconds: number;
  /** What it has counted so far, such as steps of an attack. */
  ticks: number;
}

export interface ExecuteOptions<W> {
  store: Store;
  /** Pure: the steps that are possible now and have no record yet, the most urgent first. */
  next(records: ReadonlyMap<string, StepRecord>): readonly Step<W>[];
  /**
   * Does a step. A failure that is a result is returned as an outcome; whatever it throws stops the run.
   * @param signal the run is to stop: reject soon, nothing will be recorded
   * @param tick counts for the progress display
   */
  perform(step: Step<W>, signal: AbortSignal, tick: () => void): Promise<Performed>;
  /** Steps at once. */
  concurrency: number;
  /** How many of all steps have a record, and how many there will be; by default those known so far. */
  count?(records: ReadonlyMap<string, StepRecord>): { done: number; total: number };
  onProgress?(progress: Progress): void;
  /** Stops the run: steps in flight are abandoned. */
  signal?: AbortSignal;
}

/**
 * Does the steps that have no record yet, until there are none.
 * @returns all records
 * @throws AdvarenaError STOPPED after the signal; whatever `perform` throws. Finished steps are kept.
 */
export async function execute<W>(options: ExecuteOptions<W>): Promise<Map<string, StepRecord>> {
  const { store, concurrency } = options;
  const records = await store.records();
  const running = new Map<string, { label: string; from: number; ticks: number }>();
  const flights = new Set<Promise<void>>();
  const abort = new AbortController();
  let failure: { error: unknown } | undefined;
  const stop = (): void => abort.abort();
  options.signal?.addEventListener('abort', stop);
  if (options.signal?.aborted === true) stop();

  let counted = options.count?.(records);
  const tell = (finished?: string): void => {
    const now = performance.now();
    if (finished !== undefined) counted = options.count?.(records);
    options.onProgress?.({
      ...(counted ?? { done: records.size, total: records.size + running.size }),
      running: [...running].map(([id, r]) => ({
        id,
        label: r.label,
        seconds: (now - r.from) / 1000,
        ticks: r.ticks,
      })),
      ...(finished === undefined ? {} : { finished }),
    });
  };

  const fly = async (step: Step<W>): Promise<void> => {
    const state = { label: step.label, from: performance.now(), ticks: 0 };
    running.set(step.id, state);
    tell();
    try {
      const done = await options.perform(step, abort.signal, () => {
        state.ticks++;
        if (running.has(step.id)) tell();
      });
      if (abort.signal.aborted) return;
      const record = await store.commit({
        id: step.id,
        kind: step.kind,
        definition: step.definition,
        inputs: step.inputs,
        outcome: done.outcome,
        outputs: await keep(store, done.outputs ?? {}),
        observed: { seconds: (performance.now() - state.from) / 1000, ...done.observed },
      });
      records.set(step.id, record);
      running.delete(step.id);
      tell(step.id);
    } catch (error) {
      // What a stop breaks off is no failure of its own.
      if (!abort.signal.aborted) failure = { error };
      stop();
    } finally {
      running.delete(step.id);
    }
  };

  try {
    while (!abort.signal.aborted) {
      for (const step of options.next(records)) {
        if (running.size >= concurrency) break;
        if (running.has(step.id)) continue;
        const flight = fly(step).finally(() => flights.delete(flight));
        flights.add(flight);
      }
      if (flights.size === 0) break;
      await Promise.race(flights);
    }
    await Promise.all(flights);
  } finally {
    options.signal?.removeEventListener('abort', stop);
  }
  if (failure !== undefined) throw failure.error;
  if (abort.signal.aborted)
    throw new AdvarenaError('STOPPED', 'The run was stopped.', {
      where: store.dir,
      remedy: 'Give the same command again to go on: what is finished is kept.',
    });
  return records;
}

/** Blobs first, the record that names them after. */
async function keep(
  store: Store,
  outputs: Readonly<Record<string, Uint8Array>>,
): Promise<Record<string, string>> {
  const hashes: [name: string, hash: string][] = [];
  for (const [name, bytes] of Object.entries(outputs)) hashes.push([name, await store.put(bytes)]);
  return Object.fromEntries(hashes);
}
