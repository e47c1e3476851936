import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { PartialStrykerOptions } from '@stryker-mutator/api/core';
import { Stryker } from '@stryker-mutator/core';
import { keyOf, type Mutant, rangeOf } from './mutant.ts';
import { chosenVariable, listener } from './plugin.ts';
import { type Tests, testsVariable } from './tests.ts';

/** Which tests a mutant is tried on: those of its room, which are fast and notice most, then all. */
export const passes = ['room', 'all'] as const;
export type Pass = (typeof passes)[number];

export type Status = 'killed' | 'timeout' | 'survived' | 'no test';

/** In StrykerJS's words. Its other statuses are of mutants that were not tried. */
const statuses: ReadonlyMap<string, Status> = new Map([
  ['Killed', 'killed'],
  ['Timeout', 'timeout'],
  // An error outside of tests, such as a module that cannot be loaded, fails a test run too.
  ['RuntimeError', 'killed'],
  ['Survived', 'survived'],
  ['NoCoverage', 'no test'],
]);

/** What came of a mutant. */
export interface Result {
  readonly key: string;
  readonly pass: Pass;
  readonly status: Status;
  /** The test that noticed. */
  readonly test?: string;
}

/** Where all of a run is kept, from the repository's top. */
export const folder = '.tmp/mutate';

/**
 * Tries mutants on the tests of a pass.
 * @param told is called for each as soon as it was tried
 * @throws Error where the tests fail without any mutant
 */
export async function run(
  mutants: readonly Mutant[],
  pass: Pass,
  told: (result: Result) => void,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const chosen = path.resolve(folder, 'chosen.txt');
  writeFileSync(chosen, mutants.map((mutant) => JSON.stringify(keyOf(mutant))).join('\n'));
  process.env[chosenVariable] = chosen;
  const rooms = new Set(mutants.map(({ file }) => file.split('/')[1]));
  process.env[testsVariable] = JSON.stringify({ pass, rooms: [...rooms] } satisfies Tests);
  const names = new Map<string, string>();
  listener.tests = (tests) => {
    for (const { id, name } of tests) names.set(id, name);
  };
  listener.mutant = ({ fileName, status, killedBy: [id] = [], ...mutant }) => {
    const known = statuses.get(status);
    const { mutatorName: mutator, replacement, location } = mutant;
    // Results count lines and columns from 1, what a checker gets from 0.
    const key = keyOf({
      file: path.relative('', fileName),
      from: location.start,
      to: location.end,
      mutator,
      replacement,
    });
    if (known === undefined) return;
    const test = id === undefined ? undefined : names.get(id);
    told({ key, pass, status: known, ...(test !== undefined && { test }) });
  };
  listener.ranges = mutants.map(({ from, to }) => ({
    from: { line: from.line, column: from.column - 1 },
    to: { line: to.line, column: to.column - 1 },
  }));
  const options = {
    mutate: mutants.map(rangeOf),
    plugins: ['@stryker-mutator/vitest-runner', path.resolve('scripts/mutate/plugin.ts')],
    testRunner: 'vitest',
    vitest: { configFile: 'scripts/mutate/vitest.config.ts', related: pass === 'room', pool: 'forks' },
    checkers: ['chosen'],
    ignorers: ['beside'],
    reporters: ['listener'],
    // TypeScript 7 has no programming interface, with which StrykerJS would read a tsconfig.json.
    tsconfigFile: 'none.json',
    disableTypeChecks: false,
    tempDirName: `${folder}/sandboxes`,
    cleanTempDir: 'always',
    ignorePatterns: ['/runs', '/dist', '/*.tgz'],
    concurrency: 2,
    // A machine that is busy with something else must not be taken for a mutant that hangs.
    timeoutMS: 30_000,
    timeoutFactor: 3,
    dryRunTimeoutMinutes: 120,
    allowEmpty: true,
    fileLogLevel: 'off',
    logLevel: 'warn',
  };
  // Its levels are an enum that is there for the compiler alone.
  await new Stryker(options as PartialStrykerOptions).runMutationTest();
}
