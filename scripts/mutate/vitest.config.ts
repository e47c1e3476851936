import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import base, { include, isLong, mocking } from '../../vitest.config.ts';
import { type Tests, testsVariable } from './tests.ts';

/**
 * Tests that look at the sources as text or pack them: StrykerJS's own changes of them are no mutants. And those that
 * could not share a process.
 */
const ofText = 'rooms pack exports flags-page error-codes mutate catalog'.split(' ');
const left = [...ofText.map((name) => `test/${name}.test.ts`), ...mocking];

const { projects: _, ...common } = base.test ?? {};
const { pass, rooms } = JSON.parse(process.env[testsVariable] ?? '') as Tests;
const near = rooms.map((room) => `src/${room}/**/*.test.ts`);

/** A run ends with the first test that fails: the short ones have the first say. */
class ShortFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return [...files.filter((file) => !isLong(file)), ...files.filter(isLong)];
  }
}

export default defineConfig({
  ...base,
  test: {
    ...common,
    // Each run has a process of its own, which loads its modules anew: a mutant may be in what runs meanwhile.
    isolate: false,
    sequence: { sequencer: ShortFirst },
    include: pass === 'room' ? near : include,
    // Loops that count what they come by are slow; what never ends is StrykerJS's to stop.
    testTimeout: 3_600_000,
    hookTimeout: 3_600_000,
    exclude: left,
    setupFiles: ['./scripts/mutate/setup.ts'],
  },
});
