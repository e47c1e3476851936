import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, inject } from 'vitest';

/**
 * Carries mutants into the processes that tests start, and back what those came by: StrykerJS sees its own process
 * alone, and half of the command line's tests start others. Runs behind StrykerJS's own set-up.
 */

type Coverage = Record<string, number>;

interface Stryker {
  activeMutant?: string;
  currentTestId?: string;
  mutantCoverage?: { static: Coverage; perTest: Record<string, Coverage> };
}

declare module 'vitest' {
  interface ProvidedContext {
    mode: 'dry-run' | 'mutant';
  }
}

const stryker = Reflect.get(globalThis, '__stryker__') as Stryker;

if (inject('mode') === 'mutant')
  beforeAll(() => {
    process.env['__STRYKER_ACTIVE_MUTANT__'] = stryker.activeMutant;
  });
else {
  const folder = mkdtempSync(path.join(tmpdir(), 'advarena-mutants-'));
  const hook = path.join(import.meta.dirname, 'child.ts');
  process.env['ADVARENA_MUTANT_COVERAGE'] = folder;
  process.env['NODE_OPTIONS'] = `${process.env['NODE_OPTIONS'] ?? ''} --import=${hook}`;
  const merge = (): void => {
    for (const name of readdirSync(folder)) {
      const file = path.join(folder, name);
      let found: Coverage;
      try {
        found = JSON.parse(readFileSync(file, 'utf8')) as Coverage;
      } catch {
        // It is being written: the next time tells more.
        continue;
      }
      rmSync(file);
      stryker.mutantCoverage ??= { static: {}, perTest: {} };
      const { mutantCoverage: all, currentTestId: test } = stryker;
      let into = all.static;
      if (test !== undefined) into = all.perTest[test] ??= {};
      for (const [id, count] of Object.entries(found)) into[id] = (into[id] ?? 0) + count;
    }
  };
  // What is started before the first test belongs to all.
  beforeEach(() => {
    const { currentTestId } = stryker;
    delete stryker.currentTestId;
    merge();
    if (currentTestId !== undefined) stryker.currentTestId = currentTestId;
  });
  afterEach(merge);
  afterAll(() => rmSync(folder, { recursive: true }));
}
