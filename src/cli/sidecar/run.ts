import { type Dataset, loadDataset } from '../../data/index.ts';
import {
  candidatesFor,
  draftSidecar,
  entriesOf,
  type InputSetting,
  offsetsFor,
  ownCandidate,
  readGraph,
  readHubFiles,
  type SidecarDraft,
  type SidecarEntries,
  settleDraft,
  sidecarOf,
  type Trials,
  trialJob,
} from '../../models/index.ts';
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

/** Writes a sidecar with what can be known of a network, and tells what it took from where. */
export async function runSidecar(model: string, flags: SidecarFlags): Promise<void> {
  const target = flags.output === '-' ? undefined : (flags.output ?? sidecarOf(model));
  const outputs = await openOutputs({ files: [target] });
  if (target !== undefined && flags.force !== true && (await exists(target)))
    throw new AdvarenaError('OUTPUT_EXISTS', 'There is a file already.', {
      where: target,
      remedy:
        'Add --force to replace it, --output FILE to write elsewhere, or --output - to print the sidecar.',
    });
  const inputs = numbersOf(flags.input);
  const graph = await readGraph(model);
  const hub = await readHubFiles(model);
  const dataset = await load(flags);
  await outputs.spareInputs([target]);
  const [, channels = 0, height = 0, width = 0] = dataset?.images.shape ?? [];
  const images = dataset && { channels, height, width };
  const drafted = draftSidecar({ graph, model, hub, images, inputs });
  const trials = dataset && (await tried(model, drafted, dataset, flags));
  const draft = told(trials === undefined ? drafted : settleDraft(drafted, trials), { dataset, trials });
  const sidecar = entriesOf(draft.entries);
  const text = `${written(sidecar)}\n`;
  const about = sidecarText({ model, file: target, ...draft, trials }, terminal());
  const data = { model, file: target ?? null, sidecar, ...draft, trials: trials ?? null };
  const printed =
    flags.json === true ? `${JSON.stringify(data)}\n` : target === undefined ? text : `${about}\n`;
  await printAndWrite(
    printed,
    target === undefined ? [] : [() => writeFileAtomic(target, new TextEncoder().encode(text))],
  );
  if (target === undefined && flags.json !== true) process.stderr.write(`${about}\n`);
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
  draft: SidecarDraft,
  { images, labels, labelOffset, classes }: Dataset,
  flags: SidecarFlags,
): Promise<Trials | undefined> {
  if (labels === undefined || draft.missing.length > 0) return undefined;
  const given = entriesOf(draft.entries);
  const outputs = given.output?.classes ?? 0;
  const numbers = labels.map((label) => label + labelOffset);
  // An array holds output indices; a dataset that says its classes counts them itself.
  const fixed = /\.npy$/i.test(flags.labels ?? '') ? 0 : classes === outputs ? labelOffset : undefined;
  const offsets = offsetsFor(numbers, outputs).filter((o) => fixed === undefined || o === fixed);
  const order = given.input?.channels;
  if (offsets.length === 0 || order === undefined) return undefined;
  const candidates = candidatesFor(order, ownCandidate(draft));
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

/** The draft with what could not be found out. */
function told(
  draft: SidecarDraft,
  more: { dataset: Dataset | undefined; trials: Trials | undefined },
): SidecarDraft {
  const { dataset, trials } = more;
  const notes = [...draft.notes];
  const missing = [...draft.missing];
  if (dataset !== undefined && trials === undefined)
    notes.push(
      dataset.labels === undefined
        ? 'The images have no labels, so that no preprocessing could be tried.'
        : missing.length > 0
          ? 'No preprocessing could be tried before what is missing is known.'
          : 'No preprocessing could be tried: some labels are no output of the model, whatever the offset.',
    );
  if (!draft.entries.some((e) => e.entry === 'preprocessing.mean'))
    missing.push({
      entry: 'preprocessing.mean, preprocessing.std',
      what: `those it was trained with; without them it gets pixels in [0,1] as they are${dataset === undefined ? '. Labelled --images may tell' : ''}`,
    });
  return { ...draft, notes, missing };
}

/** JSON as people write it: lists of numbers on one line. */
function written(sidecar: SidecarEntries): string {
  return JSON.stringify(sidecar, undefined, 2).replaceAll(/\[[\s\d.,eE+-]*\]/g, (list) =>
    list.replaceAll(/\s+/g, ' ').replace('[ ', '[').replace(' ]', ']'),
  );
}
