import type { z } from 'zod';
import { complaint, keysOf, type Path, written } from '../catalog/index.ts';
import { nearest } from '../tensor/index.ts';
import { type Entries, isEntries } from './json.ts';

/** Something wrong with a sidecar. */
export interface SidecarIssue {
  /** The entry and what is wrong with it, one sentence. */
  message: string;
  /** What to do, where that is more than the message says. */
  remedy?: string;
}

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
  const wrong = new Map(
    found.map((issue) => [
      written(issue.path),
      { message: complaint(schema, data, issue, { whole: 'The sidecar', described: true }) },
    ]),
  );
  const all: SidecarIssue[] = [...wrong.values()];
  if (isEntries(data)) all.push(...unknownEntries(schema, data), ...preprocessingIssues(data));
  const more = all.length - told;
  return more <= 0 ? all : [...all.slice(0, told), { message: `There are ${more} more such entries.` }];
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
  const parts = keysOf(schema, []).filter((part) => keysOf(schema, [part]).length > 0);
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

/** Means and deviations of pixels in [0,1] stay far below; those of levels in 0..255 are some tens at least. */
const levels = 5;

function preprocessingIssues({ input, preprocessing }: Entries): SidecarIssue[] {
  if (!isEntries(preprocessing)) return [];
  const mean = numbersIn(preprocessing['mean']);
  const std = numbersIn(preprocessing['std']);
  const channels = isEntries(input) ? input['channels'] : undefined;
  const count =
    channels === 'GRAY' ? 1 : channels === 'RGB' || channels === 'BGR' ? 3 : mean?.length || undefined;
  const outside = rangeIssues(mean, std);
  return [
    ...outside,
    ...(outside.length > 0 ? [] : scaleIssues(mean, std)),
    ...lengthIssues({ mean, std }, count),
  ];
}

/** Means and deviations of levels lie below, those of pixels too: with others networks overflow, in float32. */
const most = 255;

/** Numbers by which no pixel can be shifted and divided in float32; those that are none the schema refuses. */
export function rangeIssues(
  mean: readonly number[] | undefined,
  std: readonly number[] | undefined,
): SidecarIssue[] {
  const issue = (name: string, value: number, what: string): SidecarIssue => ({
    message: `${name} is ${value}, ${what}.`,
    remedy: 'Write mean and std of pixels in [0,1], such as 0.5.',
  });
  return [
    ...(mean ?? []).flatMap((value, i) =>
      Math.abs(value) > most && Number.isFinite(value)
        ? [issue(`preprocessing.mean[${i}]`, value, 'far from any pixel')]
        : [],
    ),
    ...(std ?? []).flatMap((value, i) => {
      const name = `preprocessing.std[${i}]`;
      if (value > most && Number.isFinite(value)) return [issue(name, value, 'far from any pixel')];
      return value > 0 && Math.fround(most / value) === Number.POSITIVE_INFINITY
        ? [issue(name, value, 'too small to divide by in float32')]
        : [];
    }),
  ];
}

function numbersIn(value: unknown): number[] | undefined {
  return Array.isArray(value) && value.every((v) => typeof v === 'number') ? value : undefined;
}

function scaleIssues(mean: number[] | undefined, std: number[] | undefined): SidecarIssue[] {
  if (![...(mean ?? []), ...(std ?? [])].every(Number.isFinite)) return [];
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
