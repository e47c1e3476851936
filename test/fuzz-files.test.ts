import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { AdvarenaError } from '../src/tensor/index.ts';
import { faultOf } from './fuzz/fault.ts';
import { openFiles } from './fuzz/files.ts';
import { edits, mutated } from './fuzz/mutate.ts';
import { swapped, tokens } from './fuzz/tokens.ts';

// A longer run: ADVARENA_FUZZ=20000 npx vitest run test/fuzz-files.test.ts --testTimeout 3600000; ADVARENA_SEED changes the cases.

const numRuns = Number(process.env['ADVARENA_FUZZ'] ?? 150);
const seed = Number(process.env['ADVARENA_SEED'] ?? 1);

/** Milliseconds that no file of a few hundred bytes takes, on the slowest machine. */
const longest = 10_000;

const files = openFiles();
afterAll(() => files.close());

describe.for(files.kinds.map((kind) => [kind.name, kind] as const))('%s', ([, kind]) => {
  /** Whatever is given ends as a value or as an error of the project's own, soon. @returns the code of the error */
  const outcomeOf = async (bytes: Uint8Array): Promise<string | undefined> => {
    const start = performance.now();
    const error: unknown = await kind.read(bytes).then(
      () => undefined,
      (e: unknown) => e ?? 'nothing',
    );
    expect(performance.now() - start).toBeLessThan(longest);
    if (error === undefined) return undefined;
    expect(faultOf(error)).toBeUndefined();
    return (error as AdvarenaError).code;
  };

  test('sound files are read', async () => {
    for (const bytes of await kind.sound()) expect(await outcomeOf(bytes)).toBeUndefined();
  });

  test('damaged bytes', async () => {
    const sound = await kind.sound();
    const codes = new Set<string | undefined>();
    const property = fc.asyncProperty(fc.constantFrom(...sound), edits, async (bytes, list) => {
      codes.add(await outcomeOf(mutated(bytes, list)));
    });
    await fc.assert(property, { numRuns, seed });
    // Not all of it is refused at the first byte.
    expect(codes.size).toBeGreaterThan(1);
  });

  test('words in the place of others', async () => {
    const sound = await kind.sound();
    const property = fc.asyncProperty(fc.constantFrom(...sound), tokens, async (bytes, list) => {
      await outcomeOf(swapped(bytes, list));
    });
    await fc.assert(property, { numRuns, seed });
  });

  test('anything at all', async () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ unit: 'binary', maxLength: 100 }).map((s) => new TextEncoder().encode(s)),
      fc.json().map((s) => new TextEncoder().encode(s)),
    );
    const property = fc.asyncProperty(anything, async (bytes) => {
      await outcomeOf(bytes);
    });
    await fc.assert(property, { numRuns, seed });
  });
});
