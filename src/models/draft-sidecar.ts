import { normalization } from '../autodiff/index.ts';
import { type Graph, neededInputs } from '../onnx/index.ts';
import type { InputSize } from '../tensor/index.ts';
import type { HubFile } from './hub-files.ts';
import { entriesFor, type KnownEntries, knownEntries, type MissingEntry } from './infer-sidecar.ts';
import type { SidecarEntries } from './sidecar.ts';

/** One entry of a draft. */
export interface DraftEntry {
  /** Such as `input.height`. */
  entry: string;
  value: unknown;
  /** `graph`, `images`, `default`, the name of a file, or a flag. */
  from: string;
  /** What must be known of it. */
  note?: string;
}

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
 * The entries of a sidecar: what the graph tells, for it is right about itself; else what files of a model hub and
 * images say; else what is usual, but for mean and std. A graph that shifts and scales its images gets no second ones.
 * @throws AdvarenaError MODEL_INPUT, MODEL_OUTPUT
 */
export function draftSidecar({ graph, model, hub, images, inputs = {} }: DraftSources): SidecarDraft {
  const notes = hub.flatMap(({ file, notes: own }) => own.map((note) => `${file}: ${note}`));
  const values = new Set(Object.keys(inputs));
  const told = knownEntries(graph, model, { values });
  const others = elsewhere(hub, images);
  const given: Record<string, Record<string, unknown>> = {};
  const wanted = told.missing.flatMap(({ entry }) => entriesFor(entry, told.input));
  for (const entry of [...wanted, ...(told.refused === undefined ? [] : ['output.classes'])]) {
    const other = others.get(entry);
    if (other !== undefined) put(given, entry, other.value);
  }
  const known = knownEntries(graph, model, { given, values });
  const { input, output, refused } = known;
  const entries = [...entriesIn('input', told, known, others), ...entriesIn('output', told, known, others)];
  for (const { entry, value, from } of entries) {
    const other = others.get(entry);
    const differs = from === 'graph' && other !== undefined && other.value !== value;
    if (differs && entry !== 'input.channels' && other.from !== 'images')
      notes.push(`${other.from} says ${entry} ${String(other.value)}; the graph's own stands.`);
  }
  const missing = known.missing.flatMap(({ entry, what }) =>
    entriesFor(entry, input).map((own) => ({ entry: own, what })),
  );
  if (refused !== undefined)
    missing.push({ entry: 'output', what: `${refused.message} ${refused.remedy ?? ''}` });
  for (const [name, value] of Object.entries(inputs))
    entries.push({ entry: `inputs.${name}`, value, from: '--input' });
  for (const { name, dtype } of neededInputs(graph))
    if (input.name !== undefined && name !== input.name && !values.has(name))
      missing.push({
        entry: `inputs.${name}`,
        what: `what the graph reads beside the images (${dtype}); --input ${name}=1 gives it`,
      });
  const prepared = input.name === undefined ? undefined : normalization(graph, input.name);
  entries.push(...preprocessingOf({ channels: input.channels, prepared, hub, notes }));
  const named = hub.find((file) => file.names !== undefined);
  if (named?.names !== undefined) {
    if (named.names.length === output.classes)
      entries.push({ entry: 'labels.names', value: named.names, from: named.file });
    else
      notes.push(
        `${named.file} names ${named.names.length} classes, and the output has ${output.classes ?? 'an unknown number'}: left out.`,
      );
  }
  return { entries, missing, notes };
}

/** What the entries of a draft say. */
export function entriesOf(entries: readonly DraftEntry[]): SidecarEntries {
  const out: Record<string, Record<string, unknown>> = {};
  for (const { entry, value } of entries) put(out, entry, value);
  return out;
}

function put(into: Record<string, Record<string, unknown>>, entry: string, value: unknown): void {
  const dot = entry.indexOf('.');
  const part = entry.slice(0, dot);
  into[part] = { ...into[part], [entry.slice(dot + 1)]: value };
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

function entriesIn(
  part: 'input' | 'output',
  told: KnownEntries,
  known: KnownEntries,
  others: ReadonlyMap<string, Told>,
): DraftEntry[] {
  const own = told[part] as Readonly<Record<string, unknown>>;
  const all = known[part] as Readonly<Record<string, unknown>>;
  return order[part]
    .filter((name) => all[name] !== undefined)
    .map((name) => {
      const [entry, value] = [`${part}.${name}`, all[name]];
      const other = others.get(entry);
      // The graph tells how many channels there are, and not in which order.
      if (entry === 'input.channels' && value === 'RGB')
        return other !== undefined && other.value !== 'GRAY' && other.from !== 'images'
          ? { entry, ...other }
          : { entry, value, from: 'graph', note: 'three channels; their order is not told, RGB is usual' };
      if (Object.hasOwn(own, name)) return { entry, value, from: 'graph' };
      if (entry === 'input.height' && other?.from === 'images')
        return { entry, ...other, note: 'the graph takes any size' };
      return { entry, value, from: other?.from ?? 'default' };
    });
}

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
    if (other !== undefined)
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
      `The graph shifts or scales its images itself (${prepared}): it may take pixels in [0,1], which is assumed, or levels 0..255, for which std is 1/255.`,
    );
  return [];
}
