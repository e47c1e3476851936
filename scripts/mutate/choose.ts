import { execFileSync } from 'node:child_process';
import { randomOf } from '../../src/tensor/index.ts';
import { filesUnder } from '../../test/sources.ts';
import type { Mutant } from './mutant.ts';

/** Files of the sources that have mutants: neither tests nor what is generated. */
export function sources(): string[] {
  return filesUnder('src').filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.includes('/generated/'),
  );
}

/** Lines that are new or changed, counted from 1, by file. */
export type Lines = ReadonlyMap<string, ReadonlySet<number>>;

/** What was changed since a commit: since where the branch left `main` by default, what is not committed too. */
export function changedSince(base: string | undefined): Lines {
  const since = base ?? git('merge-base', 'HEAD', mainBranch()).trim();
  const lines = linesOf(git('diff', '--unified=0', '--no-color', '--no-ext-diff', since, '--', 'src'));
  const fresh = git('ls-files', '--others', '--exclude-standard', '--', 'src').split('\n').filter(Boolean);
  return new Map([...lines, ...fresh.map((file): [string, Set<number>] => [file, everyLine])]);
}

/** Lines of the new side of a diff without context. */
export function linesOf(diff: string): Map<string, Set<number>> {
  const found = new Map<string, Set<number>>();
  let file = '';
  for (const text of diff.split('\n')) {
    if (text.startsWith('+++ ')) file = text.replace(/^\+\+\+ (b\/)?/, '');
    const [, first = '', count = '1'] = /^@@ -\S+ \+(\d+)(?:,(\d+))? @@/.exec(text) ?? [];
    if (first === '') continue;
    const lines = found.get(file) ?? new Set();
    for (let i = 0; i < Number(count); i++) lines.add(Number(first) + i);
    found.set(file, lines);
  }
  return found;
}

/** Those that begin in one of the lines. */
export function within(mutants: readonly Mutant[], lines: Lines): Mutant[] {
  return mutants.filter(({ file, from }) => {
    const changed = lines.get(file);
    return changed !== undefined && (changed === everyLine || changed.has(from.line));
  });
}

/** So many of them at random, each equally likely, in their order. */
export function sample(mutants: readonly Mutant[], count: number, seed: string): Mutant[] {
  const order = randomOf(seed, 'mutants').stream('', 'sample').permutation(mutants.length);
  const chosen = new Set(order.slice(0, count));
  return mutants.filter((_, i) => chosen.has(i));
}

const everyLine: Set<number> = new Set();

function mainBranch(): string {
  const found = ['origin/main', 'main'].find((name) => {
    try {
      return git('rev-parse', '--verify', '--quiet', name) !== '';
    } catch {
      return false;
    }
  });
  return found ?? 'HEAD';
}

function git(...args: string[]): string {
  return execFileSync('git', args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
}
