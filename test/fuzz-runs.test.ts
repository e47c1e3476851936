import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTournament } from '../src/arena/index.ts';
import type { AdvarenaError } from '../src/tensor/index.ts';
import { faultOf } from './fuzz/fault.ts';
import { edits, mutated } from './fuzz/mutate.ts';
import { swapped, tokens } from './fuzz/tokens.ts';
import { type Grounds, type Held, openGrounds } from './grounds.ts';

// A longer run: ADVARENA_FUZZ=5000 npx vitest run test/fuzz-runs.test.ts --testTimeout 3600000; ADVARENA_SEED changes the cases.

const numRuns = Number(process.env['ADVARENA_FUZZ'] ?? 80);
const seed = Number(process.env['ADVARENA_SEED'] ?? 1);

let grounds: Grounds;
let held: Held;
let files: string[];
beforeAll(async () => {
  grounds = await openGrounds(1);
  held = await grounds.hold('fuzzed', {
    name: 'fuzzed',
    seed: 3,
    dataset: { images: 'images', labels: 'images/labels.csv', limit: 6 },
    epsilons: ['8/255'],
    batch: { size: 3, seconds: 60 },
    models: { one: 'one.onnx' },
    attacks: { noise: { attack: 'random-noise', baseline: true }, fgsm: { attack: 'fgsm', sources: 'one' } },
    defenses: { plain: { model: 'one' } },
  });
  files = readdirSync(held.out, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('scores'))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .toSorted();
});
afterAll(() => grounds[Symbol.asyncDispose]());

/**
 * Whatever happened to a file, figures are those that were found, or one error of the project's own says what is wrong.
 * @returns its code
 */
async function outcomeOf(
  file: string,
  change: (bytes: Uint8Array) => Uint8Array | undefined,
): Promise<string> {
  const sound = readFileSync(file);
  const changed = change(sound);
  if (changed === undefined) rmSync(file);
  else writeFileSync(file, changed);
  const [result, error] = await readTournament(held.out).then(
    (found) => [found, undefined] as const,
    (e: unknown) => [held.result, e] as const,
  );
  writeFileSync(file, sound);
  // A step whose record is gone is one that was not done yet, and is told.
  const open = changed === undefined && result.flags.some((f) => f.code === 'UNFINISHED');
  expect(open ? held.result : result).toEqual(held.result);
  expect(error === undefined ? undefined : faultOf(error)).toBeUndefined();
  return (error as AdvarenaError | undefined)?.code ?? 'the same figures';
}

const place = fc.integer({ min: 0, max: 2 ** 20 - 1 });
const fileAt = (at: number): string => files[Math.floor((at / 2 ** 20) * files.length)] as string;

test('bytes of a run changed', async () => {
  const property = fc.asyncProperty(place, edits, async (at, list) => {
    await outcomeOf(fileAt(at), (bytes) => mutated(bytes, list));
  });
  await fc.assert(property, { numRuns, seed });
});

test('words of its records exchanged', async () => {
  const codes = new Set<string>();
  const property = fc.asyncProperty(place, tokens, async (at, list) => {
    const json = files.filter((file) => file.endsWith('.json'));
    const file = json[Math.floor((at / 2 ** 20) * json.length)] as string;
    codes.add(await outcomeOf(file, (bytes) => swapped(bytes, list)));
  });
  await fc.assert(property, { numRuns, seed });
  expect(codes.size).toBeGreaterThan(1);
});

test('any file gone, empty, null, a list, or another of its kind', async () => {
  for (const [i, file] of files.entries()) {
    await outcomeOf(file, () => undefined);
    for (const text of ['', 'null', '[]', '{}', '"x"', '7'])
      await outcomeOf(file, () => new TextEncoder().encode(text));
    const kind = files.filter((other) => path.extname(other) === path.extname(file));
    const other = kind[(kind.indexOf(file) + 1 + (i % 3)) % kind.length] as string;
    await outcomeOf(file, () => readFileSync(other));
  }
});
