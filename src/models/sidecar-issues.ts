import { z } from 'zod';
import { nearest } from '../tensor/index.ts';

/** Something wrong with a sidecar. */
export interface SidecarIssue {
  /** The entry and what is wrong with it, one sentence. */
  message: string;
  /** What to do, where that is more than the message says. */
  remedy?: string;
}

type Path = readonly PropertyKey[];
type Entries = Readonly<Record<string, unknown>>;

/** More issues than these are counted and not told. */
const told = 8;

/**
 * All that is wrong with a sidecar, in our words: what the schema refuses, entries that are misspelt or stand in the
 * wrong place, numbers of preprocessing that are not for pixels in [0,1] or not one per channel.
 * @param found what the schema says of the data
 */
export function issuesOf(
  schema: z.ZodType,
  data: unknown,
  found: readonly z.core.$ZodIssue[],
): SidecarIssue[] {
  const wrong = new Map(found.map((issue) => [written(issue.path), refused(schema, data, issue)]));
  const all = [...wrong.values()];
  if (isEntries(data)) all.push(...unknownEntries(schema, data), ...preprocessingIssues(data));
  const more = all.length - told;
  return more <= 0 ? all : [...all.slice(0, told), { message: `There are ${more} more such entries.` }];
}

/** What the schema refuses, as what stands there and what to write. */
function refused(schema: z.ZodType, data: unknown, { path, code }: z.core.$ZodIssue): SidecarIssue {
  const value = path.reduce<unknown>((at, key) => (at as Entries | undefined)?.[String(key)], data);
  if (code === 'invalid_key')
    return {
      message: `${written(path.slice(0, -1))} has the name "${String(path.at(-1))}"; names begin with a letter and hold letters, digits, _ and -.`,
    };
  const subject = path.length === 0 ? 'The sidecar' : written(path);
  const node = nodeAt(schema, path);
  const choices = node instanceof z.ZodEnum ? node.options.map(String) : [];
  const wanted = choices.length > 0 ? alternatives(choices) : (descriptionOf(node) ?? 'another value');
  const near = typeof value === 'string' ? nearest(value, choices) : undefined;
  const hint =
    near !== undefined
      ? ` Did you mean "${near}"?`
      : value === null && typeof path.at(-1) === 'string'
        ? ' Leave the entry out where it is not known.'
        : '';
  return { message: `${subject} is ${shown(value)}; write ${wanted}.${hint}` };
}

/** `"RGB", "BGR" or "GRAY"` */
function alternatives(choices: readonly string[]): string {
  const quoted = choices.map((c) => JSON.stringify(c));
  return `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}

/** `preprocessing.mean[1]` */
function written(path: Path): string {
  return path
    .map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${String(key)}`))
    .join('');
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
}

function unwrapped(node: unknown): unknown {
  let inner = node;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault) inner = inner.unwrap();
  return inner;
}

function nodeAt(schema: z.ZodType, path: Path): unknown {
  let node: unknown = unwrapped(schema);
  for (const key of path) {
    if (node instanceof z.ZodObject) node = unwrapped((node.shape as Entries)[String(key)]);
    else if (node instanceof z.ZodArray) node = unwrapped(node.element);
    else if (node instanceof z.ZodRecord) node = unwrapped(node.valueType);
    else return undefined;
  }
  return node;
}

function descriptionOf(node: unknown): string | undefined {
  return node instanceof z.ZodType ? node.description : undefined;
}

function isEntries(value: unknown): value is Entries {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Names under which other tools and people keep what a sidecar has. */
const otherNames: Readonly<Record<string, string>> = {
  channel_order: 'input.channels',
  crop_size: 'input.height and input.width',
  data_format: 'input.layout',
  id2label: 'labels.names',
  image_mean: 'preprocessing.mean',
  image_size: 'input.height and input.width',
  image_std: 'preprocessing.std',
  input_name: 'input.name',
  normalisation: 'preprocessing',
  normalization: 'preprocessing',
  normalize: 'preprocessing',
  num_classes: 'output.classes',
  num_labels: 'output.classes',
  output_name: 'output.name',
  size: 'input.height and input.width',
};

/** Entries that look meant for something that a sidecar has; all others are their writer's own. */
function unknownEntries(schema: z.ZodType, data: Entries): SidecarIssue[] {
  const root = nodeAt(schema, []) as z.ZodObject;
  const parts = Object.keys(root.shape).filter((part) => nodeAt(schema, [part]) instanceof z.ZodObject);
  const places = new Map<string, string>(Object.entries(otherNames));
  for (const part of parts)
    for (const name of keysOf(schema, [part])) if (name !== 'name') places.set(name, `${part}.${name}`);
  const check = (path: Path, entries: Entries): SidecarIssue[] => {
    const known = keysOf(schema, path);
    return Object.entries(entries).flatMap(([name, value]) => {
      if (known.includes(name)) return [];
      const near = nearest(name, known);
      const elsewhere = places.get(name);
      const meant =
        elsewhere ??
        (near === undefined || Object.hasOwn(entries, near) ? undefined : written([...path, near]));
      // People keep lists of names under classes, and such a list is no number of them.
      if (meant === undefined || (name === 'classes' && typeof value !== 'number')) return [];
      return [{ message: `Unknown entry ${written([...path, name])}. Did you mean ${meant}?` }];
    });
  };
  return [
    ...check([], data),
    ...parts.flatMap((part) => (isEntries(data[part]) ? check([part], data[part]) : [])),
  ];
}

function keysOf(schema: z.ZodType, path: Path): string[] {
  const node = nodeAt(schema, path);
  return node instanceof z.ZodObject ? Object.keys(node.shape) : [];
}

/** Means and deviations of pixels in [0,1] stay far below; those of levels in 0..255 are some tens at least. */
const levels = 5;

function preprocessingIssues({ input, preprocessing }: Entries): SidecarIssue[] {
  if (!isEntries(preprocessing)) return [];
  const mean = numbersIn(preprocessing['mean']);
  const std = numbersIn(preprocessing['std']);
  const channels = isEntries(input) ? input['channels'] : undefined;
  const count =
    channels === 'GRAY' ? 1 : channels === 'RGB' || channels === 'BGR' ? 3 : mean?.length || undefined;
  return [...scaleIssues(mean, std), ...lengthIssues({ mean, std }, count)];
}

function numbersIn(value: unknown): number[] | undefined {
  return Array.isArray(value) && value.every((v) => typeof v === 'number') ? value : undefined;
}

function scaleIssues(mean: number[] | undefined, std: number[] | undefined): SidecarIssue[] {
  const large = (values: number[] | undefined): boolean => values?.some((v) => Math.abs(v) > levels) === true;
  if (!large(mean) && !large(std)) return [];
  const entries = { mean, std };
  const named = (['mean', 'std'] as const).filter((key) => large(entries[key]));
  // Beside a mean of levels, a deviation of 1 is one of levels too; 0.229 is already one of pixels.
  const divided = { mean: large(mean) || large(std), std: large(std) || std?.every((v) => v === 1) };
  const corrected = (['mean', 'std'] as const)
    .filter((key) => entries[key] !== undefined)
    .map((key) => {
      const values = entries[key]?.map((v) => (divided[key] ? Number((v / 255).toPrecision(6)) : v));
      return `"${key}": ${JSON.stringify(values).replaceAll(',', ', ')}`;
    });
  return [
    {
      message: `preprocessing.${named.join(' and preprocessing.')} ${named.length === 1 ? 'is' : 'are'} on the scale 0..255, but pixels are in [0,1].`,
      remedy: `Divide by 255: ${corrected.join(', ')}.`,
    },
  ];
}

/**
 * Lists of preprocessing that have not one number per channel.
 * @param channels of the input; the length of the other list where that is all that is known
 */
export function lengthIssues(
  entries: Readonly<Record<'mean' | 'std', readonly number[] | undefined>>,
  channels: number | undefined,
): SidecarIssue[] {
  return (['mean', 'std'] as const).flatMap((key) => {
    const length = entries[key]?.length;
    if (length === undefined || (length > 0 && length === (channels ?? length))) return [];
    const has = length === 0 ? 'no entry' : length === 1 ? '1 entry' : `${length} entries`;
    const wanted = channels === 1 ? ' for 1 channel' : channels ? ` for ${channels} channels` : '';
    return [
      {
        message: `preprocessing.${key} has ${has}${wanted}.`,
        remedy: 'Give one number per channel, in the order of input.channels.',
      },
    ];
  });
}

/** Names of classes that are not one for each. */
export function namesIssues(names: readonly string[] | undefined, classes: number): SidecarIssue[] {
  if (names === undefined || names.length === classes) return [];
  return [
    {
      message: `labels.names has ${names.length} names for ${classes} classes.`,
      remedy: 'Name every output of the network, in their order.',
    },
  ];
}
