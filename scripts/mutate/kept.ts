import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { filesUnder } from '../../test/sources.ts';
import { folder, type Result } from './run.ts';

/** What came of mutants, kept as it comes: a run that was stopped goes on where it was. */
export interface Kept {
  /** In the order in which they were added. */
  readonly results: readonly Result[];
  add(result: Result): void;
}

/** What is kept of the sources and tests as they are now: others are another's. */
export function openKept(): Kept {
  const file = path.join(folder, `${digestOf(['src', 'test', 'scripts/mutate', 'zoo', 'examples'])}.jsonl`);
  const results = linesIn(file).map((line) => JSON.parse(line) as Result);
  return {
    results,
    add(result) {
      results.push(result);
      mkdirSync(folder, { recursive: true });
      appendFileSync(file, `${JSON.stringify(result)}\n`);
    },
  };
}

/** Whole lines: the last may have been cut off. */
function linesIn(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(0, -1);
  } catch {
    return [];
  }
}

function digestOf(folders: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of [...folders.flatMap((name) => filesUnder(name)), 'package-lock.json'])
    hash.update(file).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex').slice(0, 16);
}
