import { inspect } from '../../autodiff/index.ts';
import { type Dataset, loadDataset } from '../../data/index.ts';
import {
  asWritten,
  candidatesFor,
  contradictionOf,
  draftSidecar,
  entriesOf,
  type InputSetting,
  offsetsFor,
  ownCandidate,
  readGraph,
  readHubFiles,
  readSidecar,
  readSidecarFile,
  type SidecarDraft,
  type SidecarEntries,
  type SidecarFile,
  settleDraft,
  sidecarOf,
  type Trials,
  trialJob,
  withGuess,
  withoutGuess,
} from '../../models/index.ts';
import type { Graph } from '../../onnx/index.ts';
import { sidecarText } from '../../report/index.ts';
import { exists, openHosts, openOutputs, writeFileAtomic } from '../../runtime/index.ts';
import { AdvarenaError } from '../../tensor/index.ts';
import { interruptible } from '../interrupt.ts';
import { printAndWrite } from '../print-and-write.ts';
import { duration, progress } from '../progress.ts';
import { terminal } from '../terminal.ts';

/** What the flags of `advarena sidecar` say. */
export interface SidecarFlags {
  images?: string;
  labels?: string;
  size?: number;
  limit?: number;
  /** Values of further inputs, by their names. */
  input?: Record<string, InputSetting>;
  /** A file, or `-` for stdout. */
  output?: string;
  force?: boolean;
  json?: boolean;
}

/**
 * Writes a sidecar with what can be known of a network, and tells what it took from where. What a sidecar says that is
 * there already stays: that of the file to be written or, where it is not there, the one that the model has.
 */
export async function runSidecar(model: string, flags: SidecarFlags): Promise<void> {
  const target = flags.output === '-' ? undefined : (flags.output ?? sidecarOf(model));
  const outputs = await openOutputs({ files: [target] });
  const replaces = target !== undefined && (await exists(target));
  if (replaces && flags.force !== true)
    throw new AdvarenaError('OUTPUT_EXISTS', 'There is a file already.', {
      where: target,
      remedy:
        'Add --force to fill in what a sidecar leaves open (all that it says stays), --output FILE to write elsewhere, or --output - to print the sidecar.',
    });
  const inputs = numbersOf(flags.input);
  const graph = await readGraph(model);
  const hub = await readHubFiles(model);
  const dataset = await load(flags);
  await outputs.spareInputs([target]);
  const { file: sidecar, entries: all, source } = await sidecarThere(model, replaces ? target : undefined);
  const { entries: before, guess } = withoutGuess(all);
  const [, channels = 0, height = 0, width = 0] = dataset?.images.shape ?? [];
  const images = dataset && { channels, height, width };
  const drafted = draftSidecar({ graph, model, hub, given: before, sidecar, images, inputs });
  const given = entriesOf(drafted.entries, before, { guesses: true });
  const against =
    sidecar === undefined || drafted.missing.length > 0 ? undefined : contradictionOf(graph, sidecar, given);
  const trials =
    dataset && against === undefined ? await tried(model, { drafted, given }, dataset, flags) : undefined;
  const settled = trials === undefined ? drafted : settleDraft(drafted, trials, doubtsOf(graph));
  const draft = told(withGuess(settled, guess), { dataset, trials, against });
  const entries = asWritten(entriesOf(draft.entries, before), source);
  const text = `${written(entries)}\n`;
  const about = sidecarText({ model, file: target, ...draft, trials }, terminal());
  const data = { model, file: target ?? null, sidecar: entries, ...draft, trials: trials ?? null };
  const printed =
    flags.json === true ? `${JSON.stringify(data)}\n` : target === undefined ? text : `${about}\n`;
  await printAndWrite(
    printed,
    target === undefined ? [] : [() => writeFileAtomic(target, new TextEncoder().encode(text))],
  );
  if (target === undefined && flags.json !== true) process.stderr.write(`${about}\n`);
}

function sidecarThere(model: string, target: string | undefined): Promise<SidecarFile> {
  return target === undefined ? readSidecar(model) : readSidecarFile(target);
}

const doubtful: Readonly<Record<string, string>> = {
  RANDOM: 'Where that is Dropout which was left on',
  BATCH_COUPLED:
    'Mean and std cancel out where statistics are those of a single image, and trials then tell nothing of them: where that is BatchNormalization in training mode',
};

/** What in a graph makes trials say little, with the remedy: most often it was exported while it was trained. */
function doubtsOf(graph: Graph): string[] {
  try {
    return inspect(graph).flags.flatMap(({ code, message }) =>
      Object.hasOwn(doubtful, code)
        ? [`${code}: ${message} ${doubtful[code]}, export the model in evaluation mode (model.eval()).`]
        : [],
    );
  } catch (error) {
    if (error instanceof AdvarenaError) return [];
    throw error;
  }
}

/** @throws AdvarenaError ARGUMENT for an array, which a sidecar does not hold */
function numbersOf(given: Record<string, InputSetting> = {}): Record<string, number | boolean> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      if (typeof value !== 'string') return [name, value];
      throw new AdvarenaError(
        'ARGUMENT',
        `--input gives "${name}" an array, and a sidecar holds numbers alone.`,
        {
          remedy: 'Leave it out here, and give it to the commands that use the model.',
        },
      );
    }),
  );
}

async function load({ images, labels, size, limit }: SidecarFlags): Promise<Dataset | undefined> {
  if (images === undefined) return undefined;
  return loadDataset({
    images,
    ...(labels === undefined ? {} : { labels }),
    ...(size === undefined ? {} : { size }),
    ...(limit === undefined ? {} : { limit }),
  });
}

/** The usual preprocessings on labelled images; undefined where they cannot be tried. */
async function tried(
  model: string,
  { drafted, given }: { drafted: SidecarDraft; given: SidecarEntries },
  { images, labels, labelOffset, classes }: Dataset,
  flags: SidecarFlags,
): Promise<Trials | undefined> {
  if (labels === undefined || drafted.missing.length > 0) return undefined;
  const outputs = given.output?.classes ?? 0;
  const numbers = labels.map((label) => label + labelOffset);
  // An array holds output indices; a dataset that says its classes counts them itself.
  const fixed = /\.npy$/i.test(flags.labels ?? '')
    ? 0
    : (given.labels?.offset ?? (classes === outputs ? labelOffset : undefined));
  const offsets = offsetsFor(numbers, outputs).filter((o) => fixed === undefined || o === fixed);
  const { input } = given;
  if (offsets.length === 0 || input?.channels === undefined) return undefined;
  const candidates = candidatesFor(input, ownCandidate(drafted));
  const live = progress(flags.json === true);
  const started = performance.now();
  const total = candidates.length * labels.length;
  const work = { file: model, given, candidates, images, labels: numbers, offsets };
  const trials = await interruptible(async (signal) => {
    // Within, so that a signal finds its handler as soon as there is a host.
    await using hosts = openHosts({ count: 1 });
    return await hosts.run(trialJob(work), {
      name: model,
      signal,
      onProgress: (done) => {
        const seconds = (performance.now() - started) / 1000;
        const left = (seconds / Number(done)) * (total - Number(done));
        live.update(
          `${candidates.length} preprocessings: ${Math.floor(Number(done) / candidates.length)} of ${labels.length} images, ${duration(seconds)}, ${duration(left)} left`,
        );
      },
    });
  }, 'Run the same command again: nothing was written.');
  live.done();
  return trials as Trials;
}

/**
 * The draft with what could not be found out.
 * @param more.against why the graph and the sidecar that was there contradict each other
 */
function told(
  draft: SidecarDraft,
  more: { dataset: Dataset | undefined; trials: Trials | undefined; against: string | undefined },
): SidecarDraft {
  const { dataset, trials, against } = more;
  const notes = [...draft.notes];
  const missing = [...draft.missing];
  if (against !== undefined)
    notes.push(`What the sidecar that was there says does not fit, and stays all the same: ${against}`);
  if (dataset !== undefined && trials === undefined)
    notes.push(
      dataset.labels === undefined
        ? 'The images have no labels, so that no preprocessing could be tried.'
        : against !== undefined
          ? 'No preprocessing could be tried before that is mended.'
          : missing.length > 0
            ? 'No preprocessing could be tried before what is missing is known: fill it in, and run the same command again with --force, which keeps what is there.'
            : 'No preprocessing could be tried: some labels are no output of the model, whatever the offset.',
    );
  const has = (entry: string): boolean => draft.entries.some((e) => e.entry === entry);
  const open = ['preprocessing.mean', 'preprocessing.std'].filter((entry) => !has(entry));
  // An empty entry says that pixels in [0,1] are meant.
  if (open.length > 0 && !has('preprocessing'))
    missing.push({
      entry: open.join(', '),
      what: `${
        open.length === 2
          ? 'those it was trained with; without them it gets pixels in [0,1] as they are'
          : `that which belongs to the other; without it it is ${open[0] === 'preprocessing.mean' ? 0 : 1}`
      }${dataset === undefined ? '. Labelled --images may tell' : ''}`,
    });
  return { ...draft, notes, missing };
}

/** JSON as people write it: lists of numbers on one line. */
function written(sidecar: unknown): string {
  return JSON.stringify(sidecar, undefined, 2).replaceAll(/\[[\s\d.,eE+-]*\]/g, (list) =>
    list.replaceAll(/\s+/g, ' ').replace('[ ', '[').replace(' ]', ']'),
  );
}
