import { globSync, readFileSync } from 'node:fs';
import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

const include = ['src/**/*.test.ts', 'test/**/*.test.ts'];
const mocking = globSync(include).filter((file) => readFileSync(file, 'utf8').includes('vi.mock('));

export default defineConfig({
  ssr: { resolve: { conditions: ['advarena-source', ...defaultServerConditions] } },
  test: {
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    env: { ORT_DISABLE_TELEMETRY: '1' },
    // Files of tests share a process, and what it has loaded, but for those that put other modules in their place.
    projects: [
      { extends: true, test: { name: 'shared', include, exclude: mocking, isolate: false } },
      { extends: true, test: { name: 'alone', include: mocking } },
    ],
  },
});
