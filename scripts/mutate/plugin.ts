import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Checker, type CheckResult, CheckStatus } from '@stryker-mutator/api/check';
import type { Mutant, MutantResult } from '@stryker-mutator/api/core';
import type { Ignorer, NodePath } from '@stryker-mutator/api/ignore';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import type { DryRunCompletedEvent, Reporter } from '@stryker-mutator/api/report';
import { keyOfTold, type Place } from './mutant.ts';

/** Names the file with the keys of the mutants to be tried, one in each line. */
export const chosenVariable = 'ADVARENA_MUTANTS';

/** Lets the chosen mutants pass alone: those of the nodes around them are in the sources too, and are not tried. */
class Chosen implements Checker {
  readonly #chosen = new Set(readFileSync(process.env[chosenVariable] ?? '', 'utf8').split('\n'));

  init(): Promise<void> {
    return Promise.resolve();
  }

  group(mutants: Mutant[]): Promise<string[][]> {
    return Promise.resolve([mutants.map(({ id }) => id)]);
  }

  check(mutants: Mutant[]): Promise<Record<string, CheckResult>> {
    const results = mutants.map((mutant): [string, CheckResult] => {
      const key = keyOfTold(path.relative(process.cwd(), mutant.fileName), mutant);
      return [
        mutant.id,
        this.#chosen.has(JSON.stringify(key))
          ? { status: CheckStatus.Passed }
          : { status: CheckStatus.CompileError, reason: 'not chosen' },
      ];
    });
    return Promise.resolve(Object.fromEntries(results));
  }
}

/**
 * Leaves alone what holds no chosen mutant. StrykerJS takes ranges of the sources, and with a range all mutants within
 * it: of a loop that is one, each step would count all that is in it, which is slow.
 */
class Beside implements Ignorer {
  shouldIgnore(path: NodePath): string | undefined {
    const { loc } = (path as { node: { loc?: { start: Place; end: Place } | null } }).node;
    if (loc === undefined || loc === null) return undefined;
    const { start, end } = loc;
    // Lines of a syntax tree are counted from 1, columns from 0; two files may share a range, which does no harm.
    const held = listener.ranges.some(({ from, to }) => !before(from, start) && !before(end, to));
    return held ? undefined : 'not chosen';
  }
}

/** What is told of a run while it goes on; set in the process that starts it. */
export const listener: {
  /** Of the chosen mutants: lines are counted from 1, columns from 0. */
  ranges: readonly { readonly from: Place; readonly to: Place }[];
  tests?: (tests: readonly { id: string; name: string }[]) => void;
  mutant?: (result: Readonly<MutantResult>) => void;
} = { ranges: [] };

class Listener implements Reporter {
  onDryRunCompleted({ result }: DryRunCompletedEvent): void {
    listener.tests?.(result.tests);
  }

  onMutantTested(result: Readonly<MutantResult>): void {
    listener.mutant?.(result);
  }
}

function before(a: Place, b: Place): boolean {
  return a.line < b.line || (a.line === b.line && a.column < b.column);
}

export const strykerPlugins = [
  declareClassPlugin(PluginKind.Ignore, 'beside', Beside),
  declareClassPlugin(PluginKind.Checker, 'chosen', Chosen),
  declareClassPlugin(PluginKind.Reporter, 'listener', Listener),
];
