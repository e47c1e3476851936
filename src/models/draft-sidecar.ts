import { normalization } from '../autodiff/index.ts';
import { type Graph, neededInputs } from '../onnx/index.ts';
import type { InputSize } from '../tensor/index.ts';
import { classNames } from './class-names.ts';
import type { HubFile } from './hub-file.ts';
import { entriesFor, type KnownEntries, knownEntries, type MissingEntry } from './infer-sidecar.ts';
import type { SidecarEntries } from './sidecar.ts';
import { rangeIssues } from './sidecar-issues.ts';
import { sizeFromImages } from './size-from-images.ts';

/** One entry of a draft. */
export interface DraftEntry {
  /** Such as `input.height`. */
  entry: string;
  value: unknown;
  /** `graph`, `images`, `default`, the name of a file, a flag, or {@link kept}. */
  from: string;
  /** What must be known of it. */
  note?: string;
  /** What is taken where nothing tells it: not written, or a later draft that knows more would have to keep it. */
  guess?: true;
}

/** Where an entry of a sidecar that was there already is from: it wins over all that is inferred. */
export const kept = 'kept from the sidecar that was there';

/** A sidecar as far as it is known, and where each entry comes from. */
export interface SidecarDraft {
  entries: readonly DraftEntry[];
  /** What must be filled in by hand. */
  missing: readonly MissingEntry[];
  /** What else must be known, sentences. */
  notes: readonly string[];
}

/** What a draft is made from. */
export interface DraftSources {
  graph: Graph;
  /** What messages call the model. */
  model: string;
  /** Files of a model hub beside it. */
  hub: readonly HubFile[];
  /** What a sidecar says that is there already, ... */
  given?: SidecarEntries;
  /** ... which is this file. */
  sidecar?: string | undefined;
  /** Size of the images at hand. */
  images?: InputSize | undefined;
  /** Values of further inputs, by their names. */
  inputs?: Readonly<Record<string, number | boolean>>;
}

interface Told {
  value: unknown;
  from: string;
}

/**
 * The entries of a sidecar: what one says that is there already; else what the graph tells, for it is right about
 * itself; else what files of a model hub and images say; else what is usual, but for mean and std. A graph that shifts
 * and scales its images gets no second ones.
 * @throws AdvarenaError MODEL_INPUT, MODEL_OUTPUT
 */
export function draftSidecar(sources: DraftSources): SidecarDraft {
  const { graph, model, hub, given: before = {}, sidecar, images, inputs = {} } = sources;
  const notes = hub.flatMap(({ file, notes: own }) => own.map((note) => `${file}: ${note}`));
  const values = new Set(Object.keys(inputs));
  const told = knownEntries(graph, model, { given: before, sidecar, values });
  const sized = told.input.height !== undefined && told.input.width !== undefined;
  const size = images && !sized ? sizeFromImages(graph, told.input, images) : undefined;
  if (size?.unfit !== undefined) notes.push(size.unfit);
  const others = elsewhere(hub, size?.unfit === undefined ? images : undefined);
  const given: Record<string, unknown> = { ...before };
  const wanted = told.missing.flatMap(({ entry }) => entriesFor(entry, told.input));
  for (const entry of [...wanted, ...(told.refused === undefined ? [] : [told.refused.entry])]) {
    const other = others.get(entry);
    // One column is of two classes or of none.
    const fits = told.refused?.entry !== entry || other?.value === 2;
    if (other !== undefined && fits) put(given, entry, other.value);
  }
  const known = knownEntries(graph, model, { given, sidecar, values });
  const { input, output, refused } = known;
  const of = { before, told, known, others, sizeNote: size?.note };
  const entries = [...entriesIn('input', of), ...entriesIn('output', of)];
  for (const { entry, value, from } of entries) {
    const other = others.get(entry);
    if (other === undefined || other.value === value || other.from === 'images') continue;
    if (from === kept)
      notes.push(`${other.from} says ${entry} ${String(other.value)}; what was there stays.`);
    else if (from === 'graph' && entry !== 'input.channels')
      notes.push(`${other.from} says ${entry} ${String(other.value)}; the graph's own stands.`);
  }
  const missing = known.missing.flatMap(({ entry, what }) =>
    entriesFor(entry, input).map((own) => ({ entry: own, what })),
  );
  if (refused !== undefined)
    missing.push({ entry: refused.entry, what: `${refused.error.message} ${refused.error.remedy ?? ''}` });
  for (const [name, value] of Object.entries(inputs)) {
    const was = before.inputs?.[name];
    if (was !== undefined && was !== value)
      notes.push(
        `inputs.${name} was ${was} in the sidecar that was there; --input says ${value}, and counts.`,
      );
    entries.push({ entry: `inputs.${name}`, value, from: was === value ? kept : '--input' });
  }
  for (const { name, dtype } of neededInputs(graph))
    if (
      input.name !== undefined &&
      name !== input.name &&
      !values.has(name) &&
      before.inputs?.[name] === undefined
    )
      missing.push({
        entry: `inputs.${name}`,
        what: `what the graph reads beside the images (${dtype}); --input ${name}=1 gives it`,
      });
  const prepared = input.name === undefined ? undefined : normalization(graph, input.name);
  if (before.preprocessing === undefined)
    entries.push(...preprocessingOf({ channels: input.channels, prepared, hub, notes }));
  else notes.push(...otherwise(before.preprocessing, hub));
  const { name: scores = '', classes = 0 } = output;
  const own = scores === '' ? {} : classNames(graph, scores, classes);
  if (own.note !== undefined && before.labels?.offset === undefined) notes.push(own.note);
  if (before.labels?.names === undefined) {
    const named = hub.find((file) => file.names !== undefined);
    if (own.names !== undefined) entries.push({ entry: 'labels.names', value: own.names, from: 'graph' });
    else if (named?.names?.length === classes)
      entries.push({ entry: 'labels.names', value: named.names, from: named.file });
    else if (named?.names !== undefined)
      notes.push(
        `${named.file} names ${named.names.length} classes, and the output has ${output.classes ?? 'an unknown number'}: left out.`,
      );
  }
  const listed = new Set(entries.map(({ entry }) => entry));
  entries.push(...keptEntries(before).filter(({ entry }) => !listed.has(entry)));
  return { entries, missing, notes };
}

/**
 * What the entries of a draft say, beside all that a sidecar says that was there already.
 * @param before that sidecar
 * @param options.guesses whether entries count that are guesses
 */
export function entriesOf(
  entries: readonly DraftEntry[],
  before: SidecarEntries = {},
  { guesses = false } = {},
): SidecarEntries {
  const out: Record<string, unknown> = structuredClone(before);
  for (const { entry, value, from, guess } of entries)
    if (from !== kept && (guesses || guess !== true)) put(out, entry, value);
  const names = new Set(['name', ...parts, ...Object.keys(out)]);
  return Object.fromEntries([...names].filter((name) => name in out).map((name) => [name, out[name]]));
}

function put(into: Record<string, unknown>, entry: string, value: unknown): void {
  const dot = entry.indexOf('.');
  const part = entry.slice(0, dot);
  into[part] = { ...(into[part] as object | undefined), [entry.slice(dot + 1)]: value };
}

/** Parts of a sidecar whose entries are told one by one; all else that a sidecar holds is told as a whole. */
const parts = new Set(['input', 'preprocessing', 'output', 'inputs', 'outputs', 'labels']);

function keptEntries(before: SidecarEntries): DraftEntry[] {
  return Object.entries(before).flatMap(([part, value]): DraftEntry[] => {
    const own = parts.has(part) ? Object.entries(value as object) : [];
    return own.length === 0
      ? [{ entry: part, value, from: kept }]
      : own.map(([name, of]) => ({ entry: `${part}.${name}`, value: of, from: kept }));
  });
}

/** What others than the graph say of its ends; the first who says it counts. */
function elsewhere(hub: readonly HubFile[], images: InputSize | undefined): Map<string, Told> {
  const said: (HubFile | (Omit<HubFile, 'notes'> & { file: 'images' }))[] = [...hub];
  if (images !== undefined)
    said.push({ file: 'images', size: images, channels: images.channels === 1 ? 'GRAY' : 'RGB' });
  const out = new Map<string, Told>();
  for (const { file, size, channels, classes } of said)
    for (const [entry, value] of Object.entries({
      'input.height': size?.height,
      'input.width': size?.width,
      'input.channels': channels,
      'output.classes': classes,
    }))
      if (value !== undefined && !out.has(entry)) out.set(entry, { value, from: file });
  return out;
}

const order = {
  input: ['name', 'layout', 'height', 'width', 'channels'],
  output: ['name', 'kind', 'classes'],
} as const;

const guessedOrder = 'three channels; RGB is assumed, and not written';

function entriesIn(
  part: 'input' | 'output',
  of: {
    before: SidecarEntries;
    told: KnownEntries;
    known: KnownEntries;
    others: ReadonlyMap<string, Told>;
    sizeNote: string | undefined;
  },
): DraftEntry[] {
  const { before, told, known, others } = of;
  const own = told[part] as Readonly<Record<string, unknown>>;
  const all = known[part] as Readonly<Record<string, unknown>>;
  let sizeNote = of.sizeNote;
  return order[part]
    .filter((name) => all[name] !== undefined)
    .map((name) => {
      const [entry, value] = [`${part}.${name}`, all[name]];
      if (before[part]?.[name] !== undefined) return { entry, value, from: kept };
      const other = others.get(entry);
      // The graph tells how many channels there are, and not in which order.
      if (entry === 'input.channels' && value === 'RGB')
        return other !== undefined && other.value !== 'GRAY' && other.from !== 'images'
          ? { entry, ...other }
          : { entry, value, from: 'graph', note: guessedOrder, guess: true };
      if (Object.hasOwn(own, name)) return { entry, value, from: 'graph' };
      if ((name === 'height' || name === 'width') && other?.from === 'images' && sizeNote !== undefined) {
        const note = sizeNote;
        sizeNote = undefined;
        return { entry, ...other, note };
      }
      // Rows are told by the graph, also where their size is not.
      return { entry, value, from: other?.from ?? (name === 'layout' ? 'graph' : 'default') };
    });
}

/** What a file says of mean and std where a sidecar says something else. */
function otherwise(
  { mean = [0], std = [1] }: NonNullable<SidecarEntries['preprocessing']>,
  hub: readonly HubFile[],
): string[] {
  const found = hub.find((file) => file.preprocessing !== undefined);
  if (found?.preprocessing === undefined) return [];
  const same = (a: readonly number[], b: readonly number[]): boolean =>
    Array.from({ length: Math.max(a.length, b.length) }).every(
      (_, i) => Math.abs((a[i] ?? a[0] ?? 0) - (b[i] ?? b[0] ?? 0)) < 1e-6,
    );
  const { preprocessing: said, file } = found;
  if (same(mean, said.mean) && same(std, said.std)) return [];
  return [`${file} says mean ${said.mean.join(', ')} and std ${said.std.join(', ')}; what was there stays.`];
}

/** How the note begins that tells what is assumed, until somebody says more. */
export const ownScaling = 'The graph shifts or scales its images itself';

/** Mean and std, which have one number for each channel. */
function preprocessingOf(given: {
  channels: string | undefined;
  prepared: string | undefined;
  hub: readonly HubFile[];
  notes: string[];
}): DraftEntry[] {
  const { channels, prepared, hub, notes } = given;
  const count = channels === 'GRAY' ? 1 : 3;
  const write = (
    mean: readonly number[],
    std: readonly number[],
    from: string,
    note?: string,
  ): DraftEntry[] => [
    { entry: 'preprocessing.mean', value: mean, from, ...(note !== undefined && { note }) },
    { entry: 'preprocessing.std', value: std, from },
  ];
  const same = (value: number): number[] => Array.from({ length: count }, () => value);
  const found = hub.find((file) => file.preprocessing !== undefined);
  if (found?.preprocessing !== undefined) {
    const [mean, std] = [found.preprocessing.mean, found.preprocessing.std].map((values) =>
      values.length === 1 ? same(values[0] as number) : values,
    ) as [readonly number[], readonly number[]];
    const shifts = mean.some((m) => m !== 0) || new Set(std).size > 1;
    const other = [mean.length, std.length].find((length) => length !== count);
    const [outside] = rangeIssues(mean, std);
    if (outside !== undefined) notes.push(`${found.file}: ${outside.message} Mean and std were left out.`);
    else if (other !== undefined)
      notes.push(`${found.file} has mean and std of ${other} channels, and there are ${count}: left out.`);
    else {
      // A graph may turn what was normalised one way into what it was trained on: only its maker knows.
      if (prepared !== undefined && shifts)
        notes.push(
          `${found.file} normalises with mean ${mean.join(', ')} and std ${std.join(', ')}, and the graph shifts or scales its images too (${prepared}): where it does so with pixels in [0,1], write mean 0 and std 1.`,
        );
      return write(mean, std, found.file);
    }
  }
  // Where nobody says it, it is left out: results then tell that it is assumed.
  if (prepared !== undefined)
    notes.push(
      `${ownScaling} (${prepared}): it may take pixels in [0,1], which is assumed, or levels 0..255, for which std is 1/255.`,
    );
  return [];
}
