import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseRules } from '../src/arena/index.ts';
import { parseSidecar } from '../src/models/index.ts';
import { readNpy } from '../src/tensor/index.ts';
import { filesUnder, readText, root } from './sources.ts';
import { makeWorld } from './world.ts';

const readme = readText('README.md');

/** Inside the repository, so that blocks find the package by its name. */
const folder = path.join(root, '.tmp', `readme-${process.pid}`);
const bin = path.join(folder, 'bin');

interface Block {
  language: string;
  /** What stands after the language. */
  mark: string;
  text: string;
}

const blocks = [...readme.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(
  ([, language = '', mark = '', text = '']): Block => ({ language, mark, text }),
);

beforeAll(async () => {
  await makeWorld(folder, 12);
  for (const { mark, text } of blocks.filter((b) => b.language === 'yaml'))
    writeFileSync(path.join(folder, mark), text);
  mkdirSync(bin);
  const main = path.join(root, 'src', 'cli', 'main.ts');
  const advarena = path.join(bin, 'advarena');
  writeFileSync(
    advarena,
    `#!/bin/sh\nexec '${process.execPath}' --conditions=advarena-source '${main}' "$@"\n`,
  );
  chmodSync(advarena, 0o755);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${bin}${path.delimiter}${process.env['PATH']}` },
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stderr}`);
  return stdout;
}

describe('the README', () => {
  const numbered = (language: string, mark: string) =>
    blocks
      .filter((b) => b.language === language && b.mark === mark)
      .map(({ text }, i) => ({ text, number: i + 1 }));

  test('has blocks of every kind', () => {
    expect(numbered('sh', 'run')).toHaveLength(7);
    expect(numbered('ts', '')).toHaveLength(2);
    expect(blocks.filter((b) => b.language === 'yaml')).toHaveLength(1);
  });

  test.for(numbered('sh', 'run'))('shell block $number runs', ({ text }) => {
    expect(run('sh', ['-ec', text])).not.toBe('');
  });

  test.for(numbered('ts', ''))('library block $number runs', ({ text, number }) => {
    const file = `block-${number}.ts`;
    writeFileSync(path.join(folder, file), text);
    run(process.execPath, ['--conditions=advarena-source', file]);
  });

  test('says truly what its commands leave behind', () => {
    expect(filesIn('adversarial')).toHaveLength(12);
    expect(readFileSync(path.join(folder, 'report.html'), 'utf8')).not.toMatch(/(?:src|href)="https?:/);
    expect(existsSync(path.join(folder, 'results', 'report.html'))).toBe(true);
    const g = readNpy(readFileSync(path.join(folder, 'gradient.npy')), 'gradient.npy');
    expect(g.shape).toEqual([2, 3, 32, 32]);
    expect(existsSync(path.join(folder, 'model-with-gradient.onnx'))).toBe(true);
  });
});

function filesIn(name: string): string[] {
  return filesUnder(path.posix.join(path.posix.relative(root, folder), name));
}

test('docs/formats.md shows a sidecar and a competition file that are right', () => {
  const block = (language: string): string =>
    new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(readText('docs/formats.md'))?.[1] ?? '';
  expect(parseSidecar(block('json'), 'model.json').output?.classes).toBe(1000);
  expect(parseRules(block('yaml'), 'tournament.yaml').epsilons).toEqual([4 / 255, 0.03]);
});

test.for(filesUnder().filter((f) => f.endsWith('.md')))('links of %s lead somewhere', (file) => {
  const links = [...readText(file).matchAll(/\]\((?!https?:)([^)#]*)(?:#[^)]*)?\)/g)].map(
    ([, to = '']) => to,
  );
  const missing = links.filter((to) => to !== '' && !existsSync(path.join(root, path.dirname(file), to)));
  expect(missing).toEqual([]);
});
