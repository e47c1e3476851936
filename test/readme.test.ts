import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseRules } from '../src/arena/index.ts';
import { parseSidecar } from '../src/models/index.ts';
import { readNpy } from '../src/tensor/index.ts';
import { openBatch } from './cli-world.ts';
import { filesUnder, readText, root } from './sources.ts';
import { makeWorld } from './world.ts';

const readme = readText('README.md');

/** Inside the repository, so that blocks find the package by its name. */
const folder = path.join(root, '.tmp', `readme-${process.pid}`);
const batch = openBatch(folder, true);

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
});

afterAll(() => {
  batch.end();
  rmSync(folder, { recursive: true, force: true });
});

/** The command lines of a block, which has nothing else. */
function linesOf(text: string): string[] {
  const lines = text
    .replaceAll(/\\\n\s*/g, '')
    .trim()
    .split('\n');
  return lines.map((line) => {
    expect(line).toMatch(/^advarena [^'"|<>&;$]+$/);
    return line.replace('advarena ', '');
  });
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

  test.for(numbered('sh', 'run'))('shell block $number runs', async ({ text }) => {
    const ended = await batch.all(linesOf(text));
    for (const { err, code } of ended) expect([err, code]).toEqual(['', 0]);
    expect(ended.map(({ out }) => out).join('')).not.toBe('');
  });

  test.for(numbered('ts', ''))('library block $number runs', ({ text, number }) => {
    const file = `block-${number}.ts`;
    writeFileSync(path.join(folder, file), text);
    const { status, stderr } = spawnSync(process.execPath, ['--conditions=advarena-source', file], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect([stderr, status]).toEqual(['', 0]);
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
