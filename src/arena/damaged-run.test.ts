import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeSmallArena } from '../../test/small-arena.ts';
import { hashJson, type Json } from '../runs/index.ts';
import { openHosts } from '../runtime/index.ts';
import { AdvarenaError } from '../tensor/index.ts';
import { readTournament, runTournament } from './index.ts';

/** Run directories that somebody has changed: one error that names the file, and no figures. */

let root = '';
let whole = '';
let rules = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'advarena-damaged-'));
  rules = await makeSmallArena(root);
  whole = join(root, 'whole');
  const hosts = openHosts({ count: 2, kind: 'thread' });
  await runTournament(rules, { out: whole, hosts });
  await hosts.close();
});
afterAll(() => rm(root, { recursive: true }));

type Data = Record<string, unknown>;
interface Record_ extends Data {
  kind: string;
  outcome: Data;
  outputs: Record<string, string>;
}

let made = 0;
async function copy(): Promise<string> {
  const out = join(root, `copy-${made++}`);
  await cp(whole, out, { recursive: true });
  return out;
}

/** The first record of a kind. */
async function recordOf(out: string, kind: string): Promise<{ path: string; record: Record_ }> {
  for (const name of await readdir(join(out, 'steps'))) {
    const path = join(out, 'steps', name);
    const record = JSON.parse(await readFile(path, 'utf8')) as Record_;
    if (record.kind === kind) return { path, record };
  }
  throw new Error(`no record of ${kind}`);
}

/** What a report of a run directory says. */
async function told(out: string): Promise<string> {
  return readTournament(out).then(
    () => 'nothing thrown',
    (error: unknown) => {
      if (!(error instanceof AdvarenaError)) throw error;
      return `${error.code} ${error.where?.replaceAll(`${out}/`, '').replaceAll(/[0-9a-f]{64}/g, 'HASH')}: ${error.message}`;
    },
  );
}

/** Data with the digest that it would have had. */
function sealed(data: Data): string {
  const { observed, digest: _, observedDigest, ...rest } = data;
  return JSON.stringify({
    ...data,
    digest: hashJson(rest),
    ...(observedDigest !== undefined && { observedDigest: hashJson(observed) }),
  });
}

test('a run that nobody changed is reported', async () => {
  expect(await told(await copy())).toBe('nothing thrown');
});

test('a blob exchanged for another valid picture, and one that is missing', async () => {
  const out = await copy();
  const { record } = await recordOf(out, 'attack');
  const [first = '', second = ''] = Object.values(record.outputs).map((blob) => join(out, 'blobs', blob));
  await cp(second, first);
  expect(await told(out)).toBe(
    'BLOB_DAMAGED blobs/HASH, named by steps/HASH.json: The content of this file is not what its name says.',
  );
  await unlink(first);
  expect(await told(out)).toBe(
    'BLOB_MISSING blobs/HASH, named by steps/HASH.json: A file that a record names is missing.',
  );
});

test('an outcome that was edited', async () => {
  const out = await copy();
  const { path, record } = await recordOf(out, 'defend');
  const classes = (record.outcome['classes'] as number[][]).map((draw) => draw.map(() => 0));
  await writeFile(path, JSON.stringify({ ...record, outcome: { ...record.outcome, classes } }));
  expect(await told(out)).toBe('RECORD_DAMAGED steps/HASH.json: This file was changed after it was written.');
});

test('a time that was edited; one that an older version wrote is believed', async () => {
  const out = await copy();
  const { path, record } = await recordOf(out, 'attack');
  const edited = { ...record, observed: { seconds: 1e-3 } };
  await writeFile(path, JSON.stringify(edited));
  expect(await told(out)).toBe('RECORD_DAMAGED steps/HASH.json: This file was changed after it was written.');
  await writeFile(path, JSON.stringify({ ...edited, observedDigest: undefined }));
  expect(await told(out)).toBe('nothing thrown');
});

test('a label in run.json that was edited', async () => {
  const out = await copy();
  const path = join(out, 'run.json');
  const text = await readFile(path, 'utf8');
  await writeFile(
    path,
    text.replace(/"label": (\d)/, (_, label) => `"label": ${1 - Number(label)}`),
  );
  expect(await told(out)).toBe('RECORD_DAMAGED run.json: This file was changed after it was written.');
});

test('files that hold something else', async () => {
  const [records, run] = [await copy(), await copy()];
  const { path } = await recordOf(records, 'defend');
  const lines: string[] = [];
  for (const text of ['null', '[]', '3', '{}', '', '{"id":']) {
    await writeFile(path, text);
    await writeFile(join(run, 'run.json'), text);
    lines.push(`"${text}"`, `  ${await told(records)}`, `  ${await told(run)}`);
  }
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    ""null"
      RECORD_DAMAGED steps/HASH.json: This is no record of a step.
      RECORD_DAMAGED run.json: This is no run: it holds no object.
    "[]"
      RECORD_DAMAGED steps/HASH.json: This is no record of a step.
      RECORD_DAMAGED run.json: This is no run: it holds no object.
    "3"
      RECORD_DAMAGED steps/HASH.json: This is no record of a step.
      RECORD_DAMAGED run.json: This is no run: it holds no object.
    "{}"
      RECORD_DAMAGED steps/HASH.json: This is no record of a step.
      RUN_FORMAT run.json: The run is of format null, this program knows 3.
    ""
      RECORD_DAMAGED steps/HASH.json: This is no JSON.
      RECORD_DAMAGED run.json: This is no JSON.
    "{"id":"
      RECORD_DAMAGED steps/HASH.json: This is no JSON.
      RECORD_DAMAGED run.json: This is no JSON."
  `);
});

test('a run and a record that were sealed anew, of a form that no version writes', async () => {
  const out = await copy();
  const run = join(out, 'run.json');
  const said = JSON.parse(await readFile(run, 'utf8')) as Data;
  await writeFile(run, sealed({ ...said, models: {} }));
  expect(await told(out)).toBe(
    'RECORD_DAMAGED run.json: This is no run of a tournament: there is no model "one".',
  );
  await writeFile(run, sealed(said));
  const { path, record } = await recordOf(out, 'defend');
  await writeFile(path, sealed({ ...record, outcome: { status: 'ok' } }));
  expect(await told(out)).toMatchInlineSnapshot(
    `"RECORD_DAMAGED steps/HASH.json: This record is of no form that is known: outcome.flags: Invalid input: expected array, received undefined."`,
  );
});

const instead: Record<string, (path: string) => Promise<unknown>> = {
  'a folder': (path) => mkdir(path),
  'a link to a folder': (path) => symlink(root, path),
  'a pipe': (path) => promisify(execFile)('mkfifo', [path]),
};

describe.for(Object.keys(instead))('%s in the place of', (what) => {
  const noFile = 'A folder, a pipe or a device stands in the place of this file.';
  const replaced = async (path: string): Promise<void> => {
    await rm(path);
    await instead[what]?.(path);
  };

  test('run.json', async () => {
    const out = await copy();
    await replaced(join(out, 'run.json'));
    expect(await told(out)).toBe(`RECORD_DAMAGED run.json: ${noFile}`);
  });

  test('a record, which a run that goes on reads too', async () => {
    const out = await copy();
    await replaced((await recordOf(out, 'attack')).path);
    expect(await told(out)).toBe(`RECORD_DAMAGED steps/HASH.json: ${noFile}`);
    await expect(runTournament(rules, { out })).rejects.toMatchObject({ code: 'RECORD_DAMAGED' });
  });

  test('a blob', async () => {
    const out = await copy();
    const [blob = ''] = Object.values((await recordOf(out, 'attack')).record.outputs);
    await replaced(join(out, 'blobs', blob));
    expect(await told(out)).toBe(`BLOB_DAMAGED blobs/HASH, named by steps/HASH.json: ${noFile}`);
  });

  test('a file of scores', async () => {
    const out = await copy();
    await replaced(join(out, 'scores', 'images.csv'));
    expect(await told(out)).toMatch(/^OUTPUT_UNWRITABLE scores\/images.csv: /);
  });
});

test('links that lead in a circle', async () => {
  const out = await copy();
  const { path } = await recordOf(out, 'attack');
  await rm(path);
  await symlink(path, path);
  expect(await told(out)).toBe('FILE_UNREADABLE steps/HASH.json: Its links lead in a circle.');
});

/** Places in data, as paths of keys. */
function placesIn(data: unknown, path: readonly string[] = []): (readonly string[])[] {
  const inner =
    data !== null && typeof data === 'object'
      ? Object.entries(data).flatMap(([key, value]) => placesIn(value, [...path, key]))
      : [];
  return [path, ...inner];
}

/** A copy with another value at a place. */
function changed(data: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const copy = (Array.isArray(data) ? [...(data as unknown[])] : { ...(data as Data) }) as Data;
  copy[key] = changed(copy[key], rest, value);
  return copy;
}

const foreign: Json[] = [null, -1, 0.5, 1e300, '', 'x', '__proto__', true, [], {}, [null], { a: 1 }];

describe('whoever can compute digests gets errors, never a trace', () => {
  test.for(['run', 'attack', 'defend', 'images'])('of %s', async (which) => {
    const out = await copy();
    const { path, record } =
      which === 'run'
        ? {
            path: join(out, 'run.json'),
            record: JSON.parse(await readFile(join(out, 'run.json'), 'utf8')) as Data,
          }
        : await recordOf(out, which);
    const places = placesIn(record).filter(([first]) => first !== undefined && first !== 'digest');
    const outcomes = new Set<string>();
    const property = fc.asyncProperty(
      fc.constantFrom(...places),
      fc.constantFrom(...foreign),
      async (place, value) => {
        await writeFile(path, sealed(changed(record, place, value) as Data));
        outcomes.add((await told(out)).split(' ', 1)[0] as string);
      },
    );
    await fc.assert(property, { numRuns: Number(process.env['ADVARENA_FUZZ'] ?? 25), seed: 1 });
    expect(outcomes).toContain('RECORD_DAMAGED');
  });
});
