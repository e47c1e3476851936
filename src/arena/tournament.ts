import type { Dataset } from '../data/index.ts';
import {
  checkRun,
  checkSeal,
  claimRun,
  execute,
  type Json,
  openStore,
  openStoreReadOnly,
  type Progress,
  readRun,
  type StepRecord,
  type Store,
} from '../runs/index.ts';
import {
  type Device,
  defaultHosts,
  exists,
  type Hosts,
  isFolder,
  joinPath,
  listFolder,
  makeFolder,
  openHosts,
  openOutputs,
  probeDevice,
  versions,
  writeFileAtomic,
} from '../runtime/index.ts';
import { AdvarenaError } from '../tensor/index.ts';
import { outcomeFault } from './outcomes.ts';
import { performer } from './perform.ts';
import { planOf, type Work } from './plan.ts';
import { prepareArena } from './prepare.ts';
import { renderDataset } from './render.ts';
import type { TournamentResult } from './result.ts';
import { loadRules } from './rules.ts';
import { type RunFile, runFault } from './run-file.ts';
import type { RenderedRule } from './schema.ts';
import { resultOf } from './scores.ts';
import { scoreFiles } from './tables.ts';
import { tally } from './tally.ts';

/** The report in a run directory. */
export const reportFile = 'report.html';

export interface TournamentOptions {
  /** Run directory; one that was begun with the same rules is gone on with. */
  out: string;
  /** Where steps are done, one in each; by default processes, one per core (on a graphics card one), of this run's own. */
  hosts?: Hosts;
  /** What the models run on. Another device is another run. @default cpu */
  device?: Device;
  onProgress?: (progress: Progress) => void;
  /** Stops the run; what is finished is kept. */
  signal?: AbortSignal;
}

/**
 * Holds the tournament of a competition file: does every step that has no record yet, then scores.
 * @throws AdvarenaError RULES (line and column), of the dataset and the models, RUN_DIFFERS where the folder holds
 *   another run, OUTPUT_EXISTS where it holds something else, OUTPUT_UNWRITABLE, OUTPUT_IS_INPUT, DISK_FULL, STOPPED;
 *   DEVICE, DEVICE_WRONG where the device does not do
 */
export async function runTournament(file: string, options: TournamentOptions): Promise<TournamentResult> {
  const { out, device = 'cpu', signal, onProgress } = options;
  const outputs = await openOutputs({ folders: [out] });
  await refuseOthers(out);
  const rules = await loadRules(file);
  const watch = { ...(onProgress && { onProgress }), ...(signal && { signal }) };
  let own: Hosts | undefined;
  // Started when there is work: rules that are wrong are refused at once.
  const hosts = (): Hosts => {
    if (options.hosts !== undefined) return options.hosts;
    own ??= openHosts({ count: defaultHosts(device) });
    return own;
  };
  const render = async (rule: RenderedRule): Promise<Dataset> => {
    await checkRun(out, { rules: rules as unknown as Json, versions: versions(device) });
    return renderDataset(rule, {
      store: await openStore(out, outcomeFault),
      hosts: hosts(),
      versions: versions(device),
      ...watch,
    });
  };
  try {
    if (device !== 'cpu') await probeDevice(hosts(), device, file);
    const arena = await prepareArena(rules, file, render, device);
    await outputs.spareInputs(await replaced(out));
    await checkRun(out, arena.run as unknown as Record<string, Json>);
    const store = await openStore(out, outcomeFault);
    await claimRun(out, arena.run as unknown as Json);
    const plan = planOf(arena.run);
    await execute<Work>({
      store,
      next: (records) => plan.next(records),
      count: (records) => plan.count(records),
      perform: performer(arena, store, hosts()),
      concurrency: hosts().size,
      ...watch,
    });
    return await scoreRun(store, arena.run);
  } finally {
    await own?.close();
  }
}

/**
 * A folder of other things is none to settle in: files of a run and of theirs would lie side by side, or one in the
 * other's place. One that has no `run.json` yet may have been stopped while its photographs were rendered.
 * @throws AdvarenaError OUTPUT_EXISTS
 */
async function refuseOthers(dir: string): Promise<void> {
  if (!(await isFolder(dir)) || (await exists(joinPath(dir, 'run.json')))) return;
  const names = (await listFolder(dir)).filter((name) => !name.startsWith('.'));
  const others = names.filter((name) => !['blobs', 'steps', 'conflicts'].includes(name));
  if (others.length === 0) return;
  const more = others.length === 1 ? '' : ` and ${others.length - 1} more`;
  throw new AdvarenaError('OUTPUT_EXISTS', `This folder is of no run: it holds "${others[0]}"${more}.`, {
    where: dir,
    remedy: 'Give --out a folder that is empty or not there yet, or one in which this tournament was begun.',
  });
}

/** The files of a run directory that a run or a report writes anew; all others stay as they are. */
async function replaced(dir: string): Promise<string[]> {
  const folder = joinPath(dir, 'scores');
  const scores = (await isFolder(folder)) ? await listFolder(folder) : [];
  return [joinPath(dir, reportFile), ...scores.map((name) => joinPath(folder, name))];
}

/**
 * Scores a run directory from its records alone, to the last digit of the run itself, and writes `scores/` anew.
 * An unfinished run is scored as far as it is, with a flag.
 * @throws AdvarenaError RUN_MISSING, RUN_FORMAT; RECORD_DAMAGED, BLOB_DAMAGED, BLOB_MISSING naming the file
 */
export async function readTournament(dir: string): Promise<TournamentResult> {
  const store = await openStoreReadOnly(dir, outcomeFault);
  const said = await readRun(dir);
  const where = joinPath(dir, 'run.json');
  if (said['format'] !== 3)
    throw new AdvarenaError(
      'RUN_FORMAT',
      `The run is of format ${JSON.stringify(said['format'] ?? null)}, this program knows 3.`,
      {
        where,
        remedy: 'Use the version of advarena that made it.',
      },
    );
  checkSeal(dir, said);
  const fault = runFault(said);
  if (fault !== undefined)
    throw new AdvarenaError('RECORD_DAMAGED', `This is no run of a tournament: ${fault}.`, {
      where,
      remedy: 'Bring it back from a copy, or run the tournament anew into another folder.',
      broken: true,
    });
  const run = said as unknown as RunFile;
  await store.checkBlobs((await store.records()).values());
  return scoreRun(store, run);
}

async function scoreRun(store: Store, run: RunFile): Promise<TournamentResult> {
  const records: Map<string, StepRecord> = await store.records();
  const plan = planOf(run);
  const tallies = tally(run, plan, records);
  const result = resultOf(run, plan, tallies, records, await store.conflicts());
  const folder = joinPath(store.dir, 'scores');
  await makeFolder(folder);
  for (const [name, text] of Object.entries(scoreFiles(run, plan, tallies, records, result)))
    await writeFileAtomic(joinPath(folder, name), new TextEncoder().encode(text));
  return result;
}
