import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { isAtLeast, neededNode } from './node-version.ts';

const folder = import.meta.dirname;

test('versions are compared as numbers', () => {
  expect(['v24.15.0', 'v24.100.0', 'v25.0.0', 'v100.1.0'].map((v) => isAtLeast(v, '24.15'))).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(['v24.14.9', 'v24.2.0', 'v22.20.0', 'v20.20.2', 'v8.0.0'].map((v) => isAtLeast(v, '24.15'))).toEqual(
    [false, false, false, false, false],
  );
  expect(isAtLeast(process.version, neededNode)).toBe(true);
});

test.for(['attacks', 'attack --json', '--version', ''])('an old Node is told by "%s"', (line) => {
  const pretend = 'Object.defineProperty(process, "version", { value: "v20.20.2" })';
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [
      '--conditions=advarena-source',
      `--import=data:text/javascript,${encodeURIComponent(pretend)}`,
      path.join(folder, 'main.ts'),
      ...line.split(' ').filter(Boolean),
    ],
    { encoding: 'utf8' },
  );
  const message = `advarena needs Node ${neededNode} or newer, and this is v20.20.2: get it from https://nodejs.org.`;
  expect(line.includes('--json') ? (JSON.parse(stderr) as { error: unknown }).error : stderr).toEqual(
    line.includes('--json') ? { code: 'NODE_VERSION', message } : `${message}\n`,
  );
  expect([stdout, status]).toEqual(['', 1]);
});

test('what an old Node reads before it is told imports nothing that is newer', () => {
  const imports = (file: string): string[] =>
    [
      ...readFileSync(path.join(folder, file), 'utf8').matchAll(
        /^import (?!module from 'node:module').* from '(.*)';$/gm,
      ),
    ].map((match) => match[1] as string);
  expect(imports('main.ts')).toEqual(['./node-version.ts']);
  expect(imports('node-version.ts')).toEqual(['node:module']);
});
