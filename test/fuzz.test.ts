import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { smallModels } from './fuzz/models.ts';
import { edits, mutated } from './fuzz/mutate.ts';
import { outcomeOf } from './fuzz/outcome.ts';
import { messages } from './fuzz/structure.ts';

// A longer run: ADVARENA_FUZZ=100000 npx vitest run test/fuzz.test.ts --testTimeout 3600000; ADVARENA_SEED changes the cases.

const numRuns = Number(process.env['ADVARENA_FUZZ'] ?? 300);
const seed = Number(process.env['ADVARENA_SEED'] ?? 1);

/** Milliseconds that no case of a few hundred bytes takes, on the slowest machine. */
const longest = 10_000;

/** Whatever is given ends as a graph or as an error of the project's own, soon, and takes no memory to speak of. */
function holds(bytes: Uint8Array): string | undefined {
  const outcome = outcomeOf(bytes);
  expect(outcome.fault).toBeUndefined();
  expect(outcome.milliseconds).toBeLessThan(longest);
  expect(outcome.bytes).toBeLessThanOrEqual(8 * (bytes.length + 64));
  return outcome.code;
}

test('the models to be damaged are sound', () => {
  expect(smallModels.map(holds)).toEqual(smallModels.map(() => undefined));
});

test('damaged bytes', () => {
  let read = 0;
  const property = fc.property(fc.constantFrom(...smallModels), edits, (model, list) => {
    if (holds(mutated(model, list)) === undefined) read++;
  });
  fc.assert(property, { numRuns, seed });
  // Otherwise only the first check would be tried.
  expect(read).toBeGreaterThan(numRuns / 20);
});

test('messages that make no sense', () => {
  const codes = new Map<string | undefined, number>();
  const property = fc.property(messages, (bytes) => {
    const code = holds(bytes);
    codes.set(code, (codes.get(code) ?? 0) + 1);
  });
  fc.assert(property, { numRuns, seed });
  expect(codes.size).toBeGreaterThan(5);
});
