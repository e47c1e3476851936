import { readFileSync } from 'node:fs';
import { Instrumenter } from '@stryker-mutator/instrumenter';

/** One change of the sources that a test should notice. */
export interface Mutant {
  /** Path from the repository's top. */
  readonly file: string;
  /** Counted from 1, columns too; the end is exclusive. */
  readonly from: Place;
  readonly to: Place;
  /** Kind of the change, in StrykerJS's words. */
  readonly mutator: string;
  /** The line in which it begins, without the spaces around it. */
  readonly line: string;
  /** What stands there, and what the mutant puts there. */
  readonly original: string;
  readonly replacement: string;
}

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** What StrykerJS tells of a mutant that names it. Lines and columns are counted from 0. */
interface Told {
  readonly mutatorName: string;
  readonly replacement: string;
  readonly location: { readonly start: Place; readonly end: Place };
}

/** A name that no other mutant of the same sources has. */
export function keyOf({ file, from, to, mutator, replacement }: Omit<Mutant, 'line' | 'original'>): string {
  return `${rangeOf({ file, from, to })} ${mutator} ${replacement}`;
}

/** Place of a mutant as StrykerJS takes it under `mutate`. */
export function rangeOf({ file, from, to }: Pick<Mutant, 'file' | 'from' | 'to'>): string {
  return `${file}:${from.line}:${from.column - 1}-${to.line}:${to.column - 1}`;
}

/** The key of a mutant that StrykerJS speaks of. @param file its path from the repository's top */
export function keyOfTold(file: string, told: Told): string {
  const { mutatorName, replacement, location } = told;
  return keyOf({
    file,
    from: next(location.start),
    to: next(location.end),
    mutator: mutatorName,
    replacement,
  });
}

/** All mutants of the given sources, in their order. */
export async function mutantsOf(files: readonly string[]): Promise<Mutant[]> {
  const instrumenter = new Instrumenter(silent);
  const options = { plugins: null, excludedMutations: [], ignorers: [] };
  const all: Mutant[] = [];
  for (const file of files) {
    const content = readFileSync(file, 'utf8');
    const lines = content.split('\n');
    const { mutants } = await instrumenter.instrument([{ name: file, content, mutate: true }], options);
    for (const { mutatorName, replacement, location, status } of mutants)
      if (status === undefined)
        all.push({
          file,
          from: next(location.start),
          to: next(location.end),
          mutator: mutatorName,
          line: lines[location.start.line]?.trim() ?? '',
          original: between(lines, location.start, location.end),
          replacement,
        });
  }
  return all;
}

function next({ line, column }: Place): Place {
  return { line: line + 1, column: column + 1 };
}

function between(lines: readonly string[], start: Place, end: Place): string {
  const held = lines.slice(start.line, end.line + 1);
  held[held.length - 1] = held.at(-1)?.slice(0, end.column) ?? '';
  held[0] = held[0]?.slice(start.column) ?? '';
  return held.join('\n');
}

const nothing = (): void => undefined;
const silent = {
  isTraceEnabled: () => false,
  isDebugEnabled: () => false,
  isInfoEnabled: () => false,
  isWarnEnabled: () => false,
  isErrorEnabled: () => false,
  isFatalEnabled: () => false,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  fatal: nothing,
};
