import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { catalogs, render } from '../scripts/catalog.ts';
import { pages } from '../scripts/docs.ts';
import { render as compiled, loops } from '../scripts/wasm.ts';
import { attacks, views } from '../src/attacks/index.ts';
import { type Catalog, optionNames } from '../src/catalog/index.ts';
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
