import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  canonicalJson,
  checkRun,
  claimRun,
  type ExecuteOptions,
  execute,
  type Json,
  openStore,
  openStoreReadOnly,
  type Progress,
  type Step,
  type StepRecord,
  stepId,
} from './index.ts';

let root = '';
let count = 0;
const fresh = (): string => join(root, `run-${count++}`);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'advarena-runs-'));
});
afterAll(() => rm(root, { recursive: true }));

async function caught(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'nothing thrown',
    (error) => ({
      ...error.toJSON(),
      where: error.where?.replace(root, '.').replace(/[0-9a-f]{64}/, 'HASH'),
    }),
  );
}

function step(name: string, inputs: Record<string, string> = {}): Step<string> {
  const definition = { name };
  return {
    id: stepId({ kind: 'test', definition, inputs }),
    kind: 'test',
    label: name,
    definition,
    inputs,
    work: name,
  };
}

function record(name: string, outcome: Json, seconds = 1): StepRecord {
  const { id, kind, definition, inputs } = step(name);
  return { id, kind, definition, inputs, outcome, outputs: {}, observed: { seconds } };
}

describe('canonical JSON', () => {
  test('does not depend on the order of keys', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'ä"' }], a: 0.1 })).toBe(
      '{"a":0.1,"b":[1,{"c":"ä\\"","d":null}]}',
    );
    expect(canonicalJson({ a: 0.1, b: [1, { c: 'ä"', d: null }], e: undefined })).toBe(
      canonicalJson({ b: [1, { d: null, c: 'ä"' }], a: 0.1 }),
    );
    expect(stepId({ kind: 'k', definition: { a: 1, b: 2 }, inputs: {} })).toBe(
      stepId({ inputs: {}, definition: { b: 2, a: 1 }, kind: 'k' }),
    );
  });

  test('refuses what JSON cannot say', () => {
    expect(() => canonicalJson({ a: Number.NaN })).toThrow('JSON has no number NaN');
  });
});

describe('store', () => {
  test('keeps blobs by content and notices damage', async () => {
    const dir = fresh();
    const store = await openStore(dir);
    const hash = await store.put(new TextEncoder().encode('abc'));
    expect(hash).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(await store.put(new TextEncoder().encode('abc'))).toBe(hash);
    expect(await readdir(join(dir, 'blobs'))).toEqual([hash]);
    expect(new TextDecoder().decode(await store.get(hash))).toBe('abc');
    await writeFile(join(dir, 'blobs', hash), 'abd');
    expect(await caught(store.get(hash))).toMatchInlineSnapshot(`
      {
        "broken": true,
        "code": "BLOB_DAMAGED",
        "message": "The content of this file is not what its name says.",
        "remedy": "Bring it back from a copy, or run the tournament anew into another folder.",
        "where": "./run-0/blobs/HASH",
      }
    `);
    expect(await caught(store.get('0'.repeat(64)))).toMatchInlineSnapshot(`
      {
        "broken": true,
        "code": "BLOB_MISSING",
        "message": "A file that a record names is missing.",
        "remedy": "Bring it back from a copy, or run the tournament anew into another folder.",
        "where": "./run-0/blobs/HASH",
      }
    `);
  });

  test('the first record wins; a second that differs is flagged', async () => {
    const dir = fresh();
    const store = await openStore(dir);
    const first = await store.commit(record('a', { score: 1 }, 1));
    expect(await store.commit(record('a', { score: 1 }, 2))).toEqual(first);
    expect(await store.conflicts()).toEqual([]);
    expect(await store.commit(record('a', { score: 2 }, 1))).toEqual(first);
    expect(await store.conflicts()).toEqual([first.id]);
    expect([...(await store.records()).values()]).toEqual([first]);
  });

  test('ignores half-written files and refuses changed records', async () => {
    const dir = fresh();
    const store = await openStore(dir);
    const { id } = await store.commit(record('a', 1));
    const path = join(dir, 'steps', `${id}.json`);
    await writeFile(join(dir, 'steps', `.${id}.json.01234567-89ab-cdef-0123-456789abcdef.tmp`), '{"id":');
    expect((await store.records()).size).toBe(1);
    await writeFile(path, (await readFile(path, 'utf8')).replace('"name": "a"', '"name": "b"'));
    expect(await caught(store.records())).toMatchInlineSnapshot(`
      {
        "broken": true,
        "code": "RECORD_DAMAGED",
        "message": "This file was changed after it was written.",
        "remedy": "Bring it back from a copy, or remove it and run the tournament again: the step is done anew.",
        "where": "./run-2/steps/HASH.json",
      }
    `);
    await writeFile(path, '{');
    expect(await caught(store.records())).toMatchObject({ code: 'RECORD_DAMAGED' });
  });

  test('a folder belongs to one run', async () => {
    const dir = fresh();
    await openStore(dir);
    await checkRun(dir, { seed: 2 });
    await claimRun(dir, { seed: 1, models: { a: 'x' }, list: [1, 2] });
    await claimRun(dir, { list: [1, 2], models: { a: 'x' }, seed: 1 });
    expect(
      await caught(claimRun(dir, { seed: 2, models: { a: 'x', b: 'y' }, list: [1, 3] })),
    ).toMatchInlineSnapshot(`
      {
        "code": "RUN_DIFFERS",
        "message": "The run in this folder is another one: seed was 1, is 2; models.b was absent, is "y"; list.1 was 2, is 3.",
        "remedy": "Choose another folder with --out, or go back to what the folder was begun with.",
        "where": "./run-3/run.json",
      }
    `);
    await checkRun(dir, { seed: 1, models: { a: 'x' } });
    expect(await caught(checkRun(dir, { seed: 1, models: { a: 'y' } }))).toMatchObject({
      code: 'RUN_DIFFERS',
      message: 'The run in this folder is another one: models.a was "x", is "y".',
    });
    expect(await caught(openStoreReadOnly(fresh()))).toMatchInlineSnapshot(`
      {
        "code": "RUN_MISSING",
        "message": "There is no run in this folder: it has no run.json.",
        "remedy": "Name the folder that was given as --out.",
        "where": "./run-4",
      }
    `);
    expect(await caught(openStore(join(dir, 'run.json')))).toMatchInlineSnapshot(`
      {
        "code": "OUTPUT_UNWRITABLE",
        "message": "A part of the path is a file, not a folder.",
        "remedy": "Choose another place, or move that file.",
        "where": "./run-3/run.json/blobs",
      }
    `);
  });
});

describe('executor', () => {
  const [a, b] = [step('a'), step('b')];
  /** `both` needs what the others made. */
  const next = (records: ReadonlyMap<string, StepRecord>): Step<string>[] => {
    const made = [a, b].map((s) => records.get(s.id)?.outputs['out']);
    const ready = [a, b];
    if (made[0] !== undefined && made[1] !== undefined) ready.push(step('both', { a: made[0], b: made[1] }));
    return ready.filter((s) => !records.has(s.id));
  };
  const options = async (dir: string, done: string[]): Promise<ExecuteOptions<string>> => ({
    store: await openStore(dir),
    next,
    concurrency: 2,
    async perform({ work }) {
      done.push(work);
      return { outcome: { work }, outputs: { out: new TextEncoder().encode(work) }, observed: { host: 1 } };
    },
  });

  test('does what has no record, until nothing is left', async () => {
    const dir = fresh();
    const done: string[] = [];
    const told: Progress[] = [];
    const records = await execute({ ...(await options(dir, done)), onProgress: (p) => told.push(p) });
    expect(done).toEqual(['a', 'b', 'both']);
    expect(records.get(a.id)).toMatchObject({
      outcome: { work: 'a' },
      outputs: { out: 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb' },
      observed: { host: 1 },
    });
    expect(told.at(-1)).toMatchObject({ done: 3, total: 3, running: [] });
    expect(told.filter((p) => p.finished !== undefined)).toHaveLength(3);
    expect((await execute(await options(dir, done))).size).toBe(3);
    expect(done).toHaveLength(3);
  });

  test('a failure stops the run with its error and keeps what is finished', async () => {
    const dir = fresh();
    const done: string[] = [];
    const good = await options(dir, done);
    const failing = execute({
      ...good,
      concurrency: 1,
      perform: (s, signal, tick) =>
        s.work === 'b' ? Promise.reject(new Error('no disk')) : good.perform(s, signal, tick),
    });
    await expect(failing).rejects.toThrow('no disk');
    await execute(good);
    expect(done).toEqual(['a', 'b', 'both']);
  });

  test('a stop abandons the steps in flight and commits nothing of them', async () => {
    const dir = fresh();
    const good = await options(dir, []);
    const stop = new AbortController();
    const run = execute({
      ...good,
      signal: stop.signal,
      async perform(s, signal, tick) {
        if (s.work === 'a') return good.perform(s, signal, tick);
        stop.abort();
        expect(signal.aborted).toBe(true);
        return { outcome: 'too late' };
      },
    });
    expect(await caught(run)).toMatchInlineSnapshot(`
      {
        "code": "STOPPED",
        "message": "The run was stopped.",
        "remedy": "Give the same command again to go on: what is finished is kept.",
        "where": "./run-7",
      }
    `);
    expect([...(await good.store.records()).values()].map((r) => r.outcome)).not.toContain('too late');
  });
});
