import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { catalogs, render } from '../scripts/catalog.ts';
import { pages } from '../scripts/docs.ts';
import { presetFolder, renderPresets } from '../scripts/presets.ts';
import { render as compiled, loops } from '../scripts/wasm.ts';
import { attacks, presets, views } from '../src/attacks/index.ts';
import { type Catalog, optionNames, parseOptions } from '../src/catalog/index.ts';
import { defenses, trainingDefenses } from '../src/defenses/index.ts';
import { readText } from './sources.ts';

/** Text as the formatter leaves it in a file of that name. */
function formatted(text: string, file: string): string {
  const { stdout, stderr, status } = spawnSync('biome', ['check', '--write', `--stdin-file-path=${file}`], {
    input: text,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`biome ended with ${status}: ${stderr}`);
  return stdout;
}

test.for(catalogs)('$folder/index.ts is what `npm run catalog` writes', (catalog) => {
  const file = `${catalog.folder}/index.ts`;
  expect(readText(file)).toBe(formatted(render(catalog), file));
});

describe('presets', () => {
  const index = `${presetFolder}/index.ts`;
  const files = readdirSync(presetFolder).filter((file) => file.endsWith('.yaml'));

  test('the index is what `npm run catalog` writes', () => {
    expect(readText(index)).toBe(formatted(renderPresets(), index));
  });

  test('each is an attack of the catalog under the name of its file', () => {
    expect(presets.all.map((p) => p.name)).toEqual(files.map((file) => path.basename(file, '.yaml')));
    expect(attacks.all).toEqual(expect.arrayContaining([...presets.all]));
  });

  test.for(files)('%s names attacks, views and options that there are', (file) => {
    const { parts, through = [] } = parse(readText(`${presetFolder}/${file}`)) as {
      parts: { attack: string; options?: Record<string, unknown> }[];
      through?: { name: string; options?: Record<string, unknown> }[];
    };
    for (const { attack, options } of parts) parseOptions(attacks.find(attack).options, options, attack);
    for (const { name, options } of through) parseOptions(views.find(name).options, options, name);
  });

  test('a word that presets do not have is refused with the file', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'presets-'));
    const text = 'title: t\npaper: p\nparts: [{ attack: pgd, budget: 5 }]\n';
    writeFileSync(path.join(folder, 'wrong.yaml'), text);
    expect(() => renderPresets(folder)).toThrow(/^wrong\.yaml: [^]*"budget"/);
    rmSync(folder, { recursive: true });
  });
});

test.for(pages)('$file is what `npm run docs` writes', ({ file, render: page }) => {
  expect(readText(file)).toBe(page());
});

test.for(loops)('$to is what `npm run wasm` makes of $from', async (loop) => {
  expect(readText(loop.to)).toBe(await compiled(loop));
});

/** Other words for what is called epsilon, steps, stepSize, restarts, seed and targeted everywhere. */
const synonyms = new Set(
  `eps alpha iter iters iterations nIter numIter numIters numIterations maxIter maxIters maxIterations
   nSteps numSteps maxSteps nbIter stepsize stepLength lr learningRate nRestarts numRestarts nbRestarts randomInit
   randInit momentum mu kappa isTargeted target randomSeed rngSeed`.split(/\s+/),
);

/** Every catalog of entries. */
const kinds: readonly Catalog[] = [attacks, views, defenses, trainingDefenses];

test.for(kinds.flatMap(({ all }) => all))(
  '$name calls its options what all others call them',
  ({ options }) => {
    expect(optionNames(options).filter((name) => synonyms.has(name))).toEqual([]);
  },
);

test.for(kinds)('names of each $kind are unique, in kebab case, and have a paper', ({ all }) => {
  const names = all.map((e) => e.name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name))).toEqual([]);
  expect(all.filter((e) => e.title === '' || e.paper === '').map((e) => e.name)).toEqual([]);
});
