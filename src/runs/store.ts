import { z } from 'zod';
import {
  exists,
  isFile,
  joinPath,
  listFolder,
  makeFolder,
  readFile,
  sha256,
  sweepTemporary,
  writeFileAtomic,
  writeFileOnce,
} from '../runtime/index.ts';
import { AdvarenaError, cutText } from '../tensor/index.ts';
import { canonicalJson, hashJson, type Json, type StepDefinition, stepId } from './canonical.ts';

/** One finished step. Everything but `observed` is the same whoever does it, and when. */
export interface StepRecord extends StepDefinition {
  id: string;
  outcome: Json;
  /** Hashes of the blobs that it made, by name. */
  outputs: Readonly<Record<string, string>>;
  /** What is true of this one run of it alone: seconds, host. Never compared. */
  observed: Readonly<Record<string, Json>>;
}

/** The hash of an output by its name; images may be called like a method of every object. */
export function outputOf({ outputs }: StepRecord, name: string): string | undefined {
  return Object.hasOwn(outputs, name) ? outputs[name] : undefined;
}

/** A run directory: records and blobs, which are only ever added. */
export interface Store {
  readonly dir: string;
  /** Writes content under its hash; what is there already is left alone. @returns the hash */
  put(bytes: Uint8Array): Promise<string>;
  /** @throws AdvarenaError BLOB_MISSING, BLOB_DAMAGED where the content is not what its name says */
  get(hash: string): Promise<Uint8Array>;
  /**
   * Adds a record; its blobs must be there. The first of a step wins: a second that differs in more than `observed`
   * is kept under `conflicts/`.
   * @returns the record that counts
   */
  commit(record: StepRecord): Promise<StepRecord>;
  /**
   * All records by step id.
   * @throws AdvarenaError RECORD_DAMAGED where one was changed after it was written, or is none of this run's
   */
  records(): Promise<Map<string, StepRecord>>;
  /** Reads every blob that records name. @throws AdvarenaError BLOB_MISSING, BLOB_DAMAGED naming file and record */
  checkBlobs(records: Iterable<StepRecord>): Promise<void>;
  /** Step ids of which differing outcomes were seen. */
  conflicts(): Promise<string[]>;
}

/** Leftovers younger than this may belong to another program that is writing now. */
const staleSeconds = 3600;

/** What is wrong with a record that is read; undefined for nothing. */
export type RecordFault = (record: StepRecord) => string | undefined;

/**
 * Opens a run directory, making its folders.
 * @param fault looks at each record that is read: outcomes are the affair of who made them
 * @throws AdvarenaError OUTPUT_UNWRITABLE, DISK_FULL
 */
export async function openStore(dir: string, fault?: RecordFault): Promise<Store> {
  const folders = ['blobs', 'steps', 'conflicts'].map((name) => joinPath(dir, name));
  const [blobs = '', steps = '', conflicts = ''] = folders;
  for (const folder of folders) {
    await makeFolder(folder);
    await sweepTemporary(folder, staleSeconds);
  }
  return storeOf(dir, fault, { blobs, steps, conflicts });
}

/**
 * Opens a run directory that is there, and changes nothing in it.
 * @throws AdvarenaError RUN_MISSING
 */
export async function openStoreReadOnly(dir: string, fault?: RecordFault): Promise<Store> {
  if (!(await exists(joinPath(dir, 'run.json'))))
    throw new AdvarenaError('RUN_MISSING', 'There is no run in this folder: it has no run.json.', {
      where: dir,
      remedy: 'Name the folder that was given as --out.',
    });
  const [blobs, steps, conflicts] = [
    joinPath(dir, 'blobs'),
    joinPath(dir, 'steps'),
    joinPath(dir, 'conflicts'),
  ];
  return storeOf(dir, fault, { blobs, steps, conflicts });
}

function storeOf(
  dir: string,
  fault: RecordFault = () => undefined,
  { blobs, steps, conflicts }: { blobs: string; steps: string; conflicts: string },
): Store {
  const get = async (hash: string, record?: StepRecord): Promise<Uint8Array> => {
    const path = joinPath(blobs, hash);
    const there = await exists(path);
    const bytes = (await isFile(path)) ? await readFile(path) : undefined;
    if (bytes !== undefined && sha256(bytes) === hash) return bytes;
    const [code, message] = !there
      ? (['BLOB_MISSING', 'A file that a record names is missing.'] as const)
      : (['BLOB_DAMAGED', bytes ? 'The content of this file is not what its name says.' : noFile] as const);
    throw new AdvarenaError(code, message, {
      where: record === undefined ? path : `${path}, named by ${joinPath(steps, `${record.id}.json`)}`,
      remedy: 'Bring it back from a copy, or run the tournament anew into another folder.',
      broken: true,
    });
  };
  return {
    dir,
    async put(bytes) {
      const hash = sha256(bytes);
      const path = joinPath(blobs, hash);
      if (!(await exists(path))) await writeFileAtomic(path, bytes);
      return hash;
    },
    get: (hash) => get(hash),
    async commit(record) {
      const path = joinPath(steps, `${record.id}.json`);
      if (await writeFileOnce(path, encode(record))) return record;
      const first = decode(await readOwn(path), path);
      const [a, b] = [first, record].map(({ outcome, outputs }) => canonicalJson({ outcome, outputs }));
      if (a !== b)
        await writeFileOnce(joinPath(conflicts, `${record.id}-${hashJson(b)}.json`), encode(record));
      return first;
    },
    async records() {
      const found = new Map<string, StepRecord>();
      for (const name of await listFolder(steps)) {
        if (!/^[0-9a-f]{64}\.json$/.test(name)) continue;
        const path = joinPath(steps, name);
        const record = decode(await readOwn(path), path);
        if (`${record.id}.json` !== name) throw damaged(path);
        const wrong = fault(record);
        if (wrong !== undefined) throw damaged(path, `This record is of no form that is known: ${wrong}.`);
        found.set(record.id, record);
      }
      return found;
    },
    async checkBlobs(records) {
      const seen = new Set<string>();
      for (const record of records)
        for (const hash of Object.values(record.outputs)) {
          if (!seen.has(hash)) await get(hash, record);
          seen.add(hash);
        }
    },
    async conflicts() {
      if (!(await exists(conflicts))) return [];
      const names = (await listFolder(conflicts)).filter((name) => /^[0-9a-f]{64}-/.test(name));
      return [...new Set(names.map((name) => name.slice(0, 64)))];
    },
  };
}

/**
 * Writes `run.json`, or checks that the one that is there says the same.
 * @throws AdvarenaError RUN_DIFFERS naming what differs
 */
export async function claimRun(dir: string, run: Json): Promise<void> {
  const path = joinPath(dir, 'run.json');
  const sealed = { ...(run as Record<string, Json>), digest: digestOf(run) };
  if (await writeFileOnce(path, new TextEncoder().encode(`${JSON.stringify(sealed, null, 2)}\n`))) return;
  const { digest: _, ...said } = await readRun(dir);
  refuse(path, differing(said, run, ''));
}

/**
 * Checks what is known of a run already, before the rest is worked out: a folder that has no run yet takes any.
 * @throws AdvarenaError RUN_DIFFERS as {@link claimRun}
 */
export async function checkRun(dir: string, known: Readonly<Record<string, Json>>): Promise<void> {
  const path = joinPath(dir, 'run.json');
  if (!(await exists(path))) return;
  const said = await readRun(dir);
  refuse(
    path,
    Object.entries(known).flatMap(([key, value]) => differing(said[key], value, key)),
  );
}

function refuse(path: string, differences: readonly string[]): void {
  if (differences.length === 0) return;
  const shown = differences.slice(0, 3).join('; ');
  const more = differences.length > 3 ? `; and ${differences.length - 3} more` : '';
  throw new AdvarenaError('RUN_DIFFERS', `The run in this folder is another one: ${shown}${more}.`, {
    where: path,
    remedy: 'Choose another folder with --out, or go back to what the folder was begun with.',
  });
}

/**
 * What `run.json` says, with its digest, see {@link checkSeal}.
 * @throws AdvarenaError RECORD_DAMAGED where it is no object, FILE_MISSING
 */
export async function readRun(dir: string): Promise<Record<string, Json>> {
  const path = joinPath(dir, 'run.json');
  const run = parse(await readOwn(path, noRun), path, noRun);
  if (!isObject(run) || Array.isArray(run)) throw damaged(path, 'This is no run: it holds no object.', noRun);
  return run as Record<string, Json>;
}

/** @throws AdvarenaError RECORD_DAMAGED where `run.json` was changed after it was written */
export function checkSeal(dir: string, { digest, ...run }: Record<string, Json>): void {
  if (digest !== digestOf(run)) throw damaged(joinPath(dir, 'run.json'), changed, noRun);
}

/** `rules.seed was 1, is 2` for everything that differs. */
function differing(was: unknown, is: unknown, path: string): string[] {
  if (canonicalJson(was) === canonicalJson(is)) return [];
  if (!isObject(was) || !isObject(is) || Array.isArray(was) !== Array.isArray(is))
    return [`${path} was ${short(was)}, is ${short(is)}`];
  const [before, now] = [was, is] as [Record<string, unknown>, Record<string, unknown>];
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].flatMap((key) =>
    differing(before[key], now[key], path === '' ? key : `${path}.${key}`),
  );
}

function isObject(v: unknown): v is object {
  return v !== null && typeof v === 'object';
}

function short(value: unknown): string {
  return cutText(value === undefined ? 'absent' : canonicalJson(value), 60);
}

function encode(record: StepRecord): Uint8Array {
  const { id, kind, definition, inputs, outcome, outputs, observed } = record;
  const ordered = { id, kind, definition, inputs, outcome, outputs, observed };
  return new TextEncoder().encode(
    `${JSON.stringify({ ...ordered, digest: recordDigest(record), observedDigest: digestOf(observed) }, null, 1)}\n`,
  );
}

/** Of what does not depend on who did the step, and when. */
function recordDigest(record: StepRecord): string {
  return digestOf({ ...record, observed: undefined });
}

/** As it will be read again: numbers that JSON has no word for are null there. */
function digestOf(data: unknown): string {
  return hashJson(JSON.parse(JSON.stringify(data)));
}

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const recordSchema = z.strictObject({
  id: hash,
  kind: z.string(),
  definition: z.json(),
  inputs: z.record(z.string(), z.string()),
  outcome: z.json(),
  outputs: z.record(z.string(), hash),
  observed: z.record(z.string(), z.json()),
  digest: hash,
  /** Of what was observed: apart, for it differs between runs that are equal. Older versions wrote none. */
  observedDigest: hash.optional(),
});

interface Digests {
  digest: string;
  observedDigest?: string;
}

function decode(bytes: Uint8Array, path: string): StepRecord {
  const data = parse(bytes, path);
  if (!recordSchema.safeParse(data).success) throw damaged(path, 'This is no record of a step.');
  const { digest, observedDigest, ...record } = data as unknown as StepRecord & Digests;
  if (observedDigest !== undefined && observedDigest !== digestOf(record.observed)) throw damaged(path);
  if (digest !== recordDigest(record) || stepId(record) !== record.id) throw damaged(path);
  return record;
}

/** A file that only runs write: what stands in its place would be waited for, or is none. */
async function readOwn(path: string, remedy?: string): Promise<Uint8Array> {
  if ((await exists(path)) && !(await isFile(path))) throw damaged(path, noFile, remedy);
  return readFile(path);
}

function parse(bytes: Uint8Array, path: string, remedy?: string): Json {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Json;
  } catch (cause) {
    throw damaged(path, 'This is no JSON.', remedy, cause);
  }
}

const noFile = 'A folder, a pipe or a device stands in the place of this file.';
const changed = 'This file was changed after it was written.';
const noRun = 'Bring it back from a copy, or run the tournament anew into another folder.';

function damaged(
  path: string,
  message = changed,
  remedy = 'Bring it back from a copy, or remove it and run the tournament again: the step is done anew.',
  cause?: unknown,
): AdvarenaError {
  return new AdvarenaError('RECORD_DAMAGED', message, { where: path, remedy, broken: true, cause });
}
