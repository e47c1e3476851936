import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readText, root } from './sources.ts';

/** Programs of the page, each with the output that is printed below it. */
const examples = [
  ...readText('docs/how-autodiff-works.md').matchAll(/^```ts\n([\s\S]*?)^```\n\n```text\n([\s\S]*?)^```$/gm),
].map(([, program = '', output = ''], i) => ({ number: i + 1, program, output }));

/** Inside the repository, so that programs find the package by its name. */
const folder = path.join(root, '.tmp', `how-autodiff-${process.pid}`);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the page has three programs', () => {
  expect(examples).toHaveLength(3);
});

test.for(examples)('program $number prints what the page says', ({ number, program, output }) => {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `program-${number}.ts`);
  writeFileSync(file, program);
  const ended = spawnSync(process.execPath, ['--conditions=advarena-source', file], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
  });
  expect({ status: ended.status, stdout: ended.stdout }).toEqual({ status: 0, stdout: output });
});
