import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { changedSince, sample, sources, within } from './choose.ts';
import { openKept } from './kept.ts';
import { keyOf, type Mutant, mutantsOf } from './mutant.ts';
import { printed, type Tried } from './report.ts';
import { folder, passes, type Result, run } from './run.ts';
import { readSame, sameAs } from './same.ts';

/** `npm run mutate`: changes one thing of the sources at a time, and looks whether a test notices. */

interface Options {
  changed?: string | true;
  sample?: number;
  seed: string;
  survivors?: true;
  json: string;
}

const testsOf = { room: 'of their room', all: 'of all rooms' };
const lastFile = path.join(folder, 'last.json');

const program = new Command('npm run mutate --')
  .description('Changes one thing of the sources at a time and tells which changes no test notices.')
  .argument('[files...]', 'sources to change (all by default)')
  .option(
    '--changed [base]',
    'lines that were changed since a commit (by default since the branch left main)',
  )
  .option('--sample <number>', 'so many changes, drawn at random', wholeNumber)
  .option('--seed <seed>', 'seed of the sample', '1')
  .option('--survivors', 'those that no test noticed the last time')
  .option('--json <file>', 'where all results are written', lastFile)
  .parse();
const options = program.opts<Options>();
const mutants = await chosen(program.args, options);
const all = await tried(mutants).catch((error: unknown) => {
  // StrykerJS has told more, where its tests fail without any change.
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
});
writeFileSync(options.json, `${JSON.stringify(all, null, 1)}\n`);
if (options.json !== lastFile) writeFileSync(lastFile, JSON.stringify(all));
process.stdout.write(`${printed(all)}\nAll of them: ${options.json}\n`);
if (all.some(({ status }) => status === 'survived' || status === 'no test')) process.exitCode = 1;

async function chosen(files: readonly string[], { changed, ...options }: Options): Promise<Mutant[]> {
  const known = new Set(sources());
  for (const file of files)
    if (!known.has(path.normalize(file)))
      program.error(`${file}: this is no source under src/ that has mutants.`);
  const last = options.survivors === true ? lastSurvivors() : undefined;
  const lines = changed === undefined ? undefined : changedSince(changed === true ? undefined : changed);
  const named = files.length > 0 ? files.map((file) => path.normalize(file)) : [...known];
  let found = await mutantsOf(
    named.filter((file) => (lines?.has(file) ?? true) && (last?.files.has(file) ?? true)),
  );
  if (last) found = found.filter((mutant) => last.keys.has(keyOf(mutant)));
  if (lines) found = within(found, lines);
  if (options.sample === undefined) return found;
  return sample(found, options.sample, options.seed);
}

function lastSurvivors() {
  const last = JSON.parse(readFileSync(lastFile, 'utf8')) as Tried[];
  const survivors = last.filter(({ status }) => status === 'survived' || status === 'no test');
  return {
    files: new Set(survivors.map(({ mutant }) => mutant.file)),
    keys: new Set(survivors.map(({ mutant }) => keyOf(mutant))),
  };
}

async function tried(all: readonly Mutant[]): Promise<Tried[]> {
  const same = readSame();
  const reasons = new Map(all.map((mutant) => [keyOf(mutant), sameAs(same, mutant)?.reason]));
  const kept = openKept();
  for (const [i, pass] of passes.entries()) {
    const done = new Map(kept.results.map((result) => [result.key, result]));
    const left = all.filter((mutant) => {
      const key = keyOf(mutant);
      return reasons.get(key) === undefined && isOpen(done.get(key), i);
    });
    let count = 0;
    // Room by room: tests are slow where their loops count what they come by.
    for (const group of pass === 'room' ? byRoom(left) : [left]) {
      if (group.length === 0) continue;
      process.stderr.write(
        `${group.length} changes on the tests ${testsOf[pass]}: these run once without any.\n`,
      );
      await run(group, pass, (result) => {
        kept.add(result);
        count += 1;
        process.stderr.write(`${count} of ${left.length}: ${result.status}, ${result.key.split('\n')[0]}\n`);
      });
    }
  }
  const done = new Map(kept.results.map((result) => [result.key, result]));
  return all.map((mutant) => {
    const key = keyOf(mutant);
    const reason = reasons.get(key);
    if (reason !== undefined) return { mutant, status: 'same', reason };
    const { status, test } = done.get(key) ?? { status: 'no test' };
    return { mutant, status, ...(test !== undefined && { test }) };
  });
}

function byRoom(mutants: readonly Mutant[]): Mutant[][] {
  return [...Map.groupBy(mutants, (mutant) => mutant.file.split('/')[1]).values()];
}

/** Whether a pass may still tell more: one before it has found no test that notices. */
function isOpen(result: Result | undefined, pass: number): boolean {
  if (result === undefined) return true;
  return passes.indexOf(result.pass) < pass && (result.status === 'survived' || result.status === 'no test');
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('It is a whole number from 1.');
  return value;
}
