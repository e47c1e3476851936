import { z } from 'zod';
import { cutText, exactBound, nearest } from '../tensor/index.ts';

/** Where something stands in plain data. */
export type Path = readonly PropertyKey[];

/**
 * What a schema refuses, as what stands there and what to write: `batch.size is "many"; write a whole number of at least
 * 1.`
 * @param issue of the schema; one of a rule of its own (`custom`) has its own words
 * @param how.whole what messages call all of the data
 * @param how.described whether descriptions in the schema say what to write
 */
export function complaint(
  schema: z.ZodType,
  data: unknown,
  { path, code }: { path: Path; code?: string | undefined },
  { whole, described = false }: { whole: string; described?: boolean },
): string {
  if (code === 'invalid_key')
    return `${written(path.slice(0, -1))} has the name "${String(path.at(-1))}"; names begin with a letter and hold letters, digits, _ and -.`;
  const value = path.reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
    data,
  );
  const nodes = nodesAt(schema, path, described);
  const wanted = [...new Set(nodes.flatMap((node) => wantedBy(node, value, described)))];
  const choices = nodes.flatMap(choicesOf);
  const near = typeof value === 'string' ? nearest(value, choices) : undefined;
  const hint =
    near !== undefined
      ? ` Did you mean "${near}"?`
      : value === null && typeof path.at(-1) === 'string'
        ? ' Leave the entry out where it is not known.'
        : '';
  const subject = path.length === 0 ? whole : written(path);
  return `${subject} is ${shown(value)}; write ${alternatives(wanted)}.${hint}`;
}

/** `preprocessing.mean[1]` */
export function written(path: Path): string {
  return path
    .map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${String(key)}`))
    .join('');
}

/** The keys that an object of a schema knows. */
export function keysOf(schema: z.ZodType, path: Path): string[] {
  return [
    ...new Set(nodesAt(schema, path).flatMap((n) => (n instanceof z.ZodObject ? Object.keys(n.shape) : []))),
  ];
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value !== 'string') return `${value as number}`;
  return JSON.stringify(cutText(value, 41));
}

/** The parts of a schema at a path: several where it is a union. */
function nodesAt(schema: z.ZodType, path: Path, described = false): z.ZodType[] {
  const opened = (node: unknown): z.ZodType[] => alternativesOf(node, described);
  let nodes = opened(schema);
  for (const key of path)
    nodes = nodes
      .flatMap((node): unknown[] => {
        if (node instanceof z.ZodObject) return [(node.shape as Record<string, unknown>)[String(key)]];
        if (node instanceof z.ZodArray) return [node.element];
        if (node instanceof z.ZodRecord) return [node.valueType];
        return [];
      })
      .flatMap(opened);
  return nodes;
}

/** What a schema allows, without what only says that it may be left out. */
function alternativesOf(node: unknown, described: boolean): z.ZodType[] {
  let inner = node;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault)
    inner = inner.unwrap();
  if (!(inner instanceof z.ZodType)) return [];
  return inner instanceof z.ZodUnion && !(described && inner.description !== undefined)
    ? inner.options.flatMap((option) => alternativesOf(option, described))
    : [inner];
}

function choicesOf(node: z.ZodType): string[] {
  if (node instanceof z.ZodEnum) return node.options.map(String);
  return node instanceof z.ZodLiteral ? [...node.values].map(String) : [];
}

function wantedBy(node: z.ZodType, value: unknown, described: boolean): string[] {
  if (described && node.description !== undefined) return [node.description];
  if (node instanceof z.ZodEnum) return node.options.map((choice) => JSON.stringify(choice));
  if (node instanceof z.ZodLiteral) return [...node.values].map((value) => JSON.stringify(value));
  if (node instanceof z.ZodNumber) return [numberOf(node, value)];
  if (node instanceof z.ZodBoolean) return ['true', 'false'];
  if (node instanceof z.ZodString) return ['a text'];
  if (node instanceof z.ZodArray)
    return [Array.isArray(value) && value.length === 0 ? 'a list that is not empty' : 'a list'];
  if (node instanceof z.ZodObject || node instanceof z.ZodRecord) return [objectOf(node)];
  return [];
}

function numberOf(node: z.ZodNumber, value: unknown): string {
  const bound = node.isInt && typeof value === 'number' ? exactBound(value) : undefined;
  return [boundsOf(node), ...(bound === undefined ? [] : [bound])].join(', ');
}

function boundsOf(node: z.ZodNumber): string {
  const kind = node.isInt ? 'a whole number' : 'a number';
  const bounded = (bound: number | null): bound is number =>
    bound !== null && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  const { minValue: low, maxValue: high } = node;
  if (bounded(low) && bounded(high)) return `${kind} from ${low} to ${high}`;
  if (bounded(low))
    return node.safeParse(low).success ? `${kind} of at least ${low}` : `${kind} above ${low}`;
  return bounded(high) ? `${kind} of at most ${high}` : kind;
}

/** More keys than these tell nobody anything. */
const told = 6;

function objectOf(node: z.ZodObject | z.ZodRecord): string {
  const keys = node instanceof z.ZodObject ? Object.keys(node.shape) : [];
  return keys.length === 0 || keys.length > told ? 'an object' : `an object with ${keys.join(', ')}`;
}

/** `"RGB", "BGR" or "GRAY"` */
function alternatives(wanted: readonly string[]): string {
  if (wanted.length === 0) return 'another value';
  return wanted.length === 1
    ? (wanted[0] as string)
    : `${wanted.slice(0, -1).join(', ')} or ${wanted.at(-1)}`;
}
