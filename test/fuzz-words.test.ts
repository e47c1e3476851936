import { readdirSync } from 'node:fs';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorld } from './cli-world.ts';
import { lines } from './fuzz/words.ts';

// A longer run: ADVARENA_FUZZ=2000 npx vitest run test/fuzz-words.test.ts --testTimeout 3600000; ADVARENA_SEED changes the cases.

const numRuns = Number(process.env['ADVARENA_FUZZ'] ?? 60);
const seed = Number(process.env['ADVARENA_SEED'] ?? 1);

let world: Awaited<ReturnType<typeof openWorld>>;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

test('any command line ends with a result, help, or one clear error', async () => {
  const given = fc.sample(lines, { numRuns, seed });
  const before = readdirSync(world.folder).length;
  const ended = await world.all(given);
  expect(ended).toHaveLength(given.length);
  const faults = ended.flatMap(({ out, err, code }, i) => {
    const told = { line: given[i], out: out.slice(0, 300), err: err.slice(0, 900), code };
    // A defect, or an error of the engine or a library as it is.
    if (/DEFECT|\n\s+at |\bundefined\b|\[object /.test(err)) return [told];
    // Nothing but escape sequences of the project's own reaches a terminal, and there are none without one.
    // JSON is for programs, which read all signs as they are.
    const shown = /^[[{]/.test(err + out) ? '' : err + out;
    // oxlint-disable-next-line no-control-regex -- they are what is looked for
    if (/[\0-\u0008\u000B-\u001F\u007F-\u009F\u202E]/.test(shown)) return [told];
    if (code !== 0 && !/^(?:error |\{"error":|Usage: )/m.test(err)) return [told];
    return [];
  });
  expect(faults).toEqual([]);
  const codes = new Set(ended.map(({ code }) => code));
  expect([...codes]).toEqual(expect.arrayContaining([0, 2]));
  // What the lines wrote lies where they said: in files of this folder.
  expect(readdirSync(world.folder).length).toBeLessThan(before + given.length);
});
