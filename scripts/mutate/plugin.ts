import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Checker, type CheckResult, CheckStatus } from '@stryker-mutator/api/check';
import type { Mutant, MutantResult } from '@stryker-mutator/api/core';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import type { DryRunCompletedEvent, Reporter } from '@stryker-mutator/api/report';
import { keyOfTold } from './mutant.ts';

/** Names the file with the keys of the mutants to be tried, one in each line. */
export const chosenVariable = 'ADVARENA_MUTANTS';

/**
 * Lets the chosen mutants pass alone. StrykerJS takes ranges of the sources, and with a range all mutants within it;
 * those that a checker refuses are not tried.
 */
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

/** What is told of a run while it goes on; set in the process that starts it. */
export const listener: {
  tests?: (tests: readonly { id: string; name: string }[]) => void;
  mutant?: (result: Readonly<MutantResult>) => void;
} = {};

class Listener implements Reporter {
  onDryRunCompleted({ result }: DryRunCompletedEvent): void {
    listener.tests?.(result.tests);
  }

  onMutantTested(result: Readonly<MutantResult>): void {
    listener.mutant?.(result);
  }
}

export const strykerPlugins = [
  declareClassPlugin(PluginKind.Checker, 'chosen', Chosen),
  declareClassPlugin(PluginKind.Reporter, 'listener', Listener),
];
