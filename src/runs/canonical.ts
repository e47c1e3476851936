import { sha256 } from '../runtime/index.ts';

/** Plain data as JSON has it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * JSON with sorted keys and without spaces: equal data gives equal text. Entries that are undefined are left out.
 * @throws TypeError for numbers that JSON has no word for
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new TypeError(`JSON has no number ${value}`);
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const entries = Object.entries(value).filter(([, v]) => v !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${canonicalJson(v)}`).join(',')}}`;
}

/** SHA-256, in hexadecimal, of the canonical JSON. */
export function hashJson(value: unknown): string {
  return sha256(new TextEncoder().encode(canonicalJson(value)));
}

/** What a step does to what: its id depends on nothing else. */
export interface StepDefinition {
  kind: string;
  /** Everything that its outcome depends on beside its inputs: options, seed, limits, version of the software. */
  definition: Json;
  /** Content hashes of what it reads, by name. */
  inputs: Readonly<Record<string, string>>;
}

/** The id of a step: the hash of its kind, definition and inputs. */
export function stepId({ kind, definition, inputs }: StepDefinition): string {
  return hashJson({ kind, definition, inputs });
}
