import { globSync, readFileSync } from 'node:fs';
import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

export const include = ['src/**/*.test.ts', 'test/**/*.test.ts'];
/** Those that put other modules in the place of some. */
export const mocking = globSync(include).filter((file) => readFileSync(file, 'utf8').includes('vi.mock('));

/** Files that start processes take longest. */
export function isLong({ moduleId }: TestSpecification): boolean {
  return /child_process|openWorld|openHosts/.test(readFileSync(moduleId, 'utf8'));
}

/** What takes long and came last would hold up the end alone. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- it is the sequencer's own.
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  ssr: { resolve: { conditions: ['advarena-source', ...defaultServerConditions] } },
  test: {
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    sequence: { sequencer: LongFirst },
    env: { ORT_DISABLE_TELEMETRY: '1' },
    // Files of tests share a process, and what it has loaded, but for those that put other modules in their place.
    projects: [
      { extends: true, test: { name: 'shared', include, exclude: mocking, isolate: false } },
      { extends: true, test: { name: 'alone', include: mocking } },
    ],
  },
});
