import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.ts';
import { type Tests, testsVariable } from './tests.ts';

/** Tests that look at the sources as text or pack them: StrykerJS's own changes of them are no mutants. */
const ofSources = ['test/rooms.test.ts', 'test/pack.test.ts', 'test/exports.test.ts'];

const { projects: _, ...common } = base.test ?? {};
const { pass, rooms } = JSON.parse(process.env[testsVariable] ?? '') as Tests;
const near = rooms.map((room) => `src/${room}/**/*.test.ts`);

export default defineConfig({
  ...base,
  test: {
    // Without the projects each file loads its modules anew: a mutant may be in what runs while they are loaded.
    ...common,
    include: pass === 'room' ? near : ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // Loops that count what they come by are slow; what never ends is StrykerJS's to stop.
    testTimeout: 3_600_000,
    hookTimeout: 3_600_000,
    exclude: pass === 'room' ? ofSources : [...ofSources, ...near],
    setupFiles: ['./scripts/mutate/setup.ts'],
  },
});
