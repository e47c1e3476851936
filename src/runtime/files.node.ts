import { createHash, createHmac, randomUUID } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  openSync,
  readFileSync as readAllSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { link, mkdir, open, readFile as read, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { AdvarenaError } from '../tensor/index.ts';
import type { Files } from './files.ts';

const watching = new Set<Set<string>>();

function note(path: string): void {
  for (const seen of watching) seen.add(resolve(path));
}

export const watchReads: Files['watchReads'] = () => {
  const seen = new Set<string>();
  watching.add(seen);
  return {
    async find(paths) {
      // A file's own number is the same by every path that leads to it.
      const known = new Set(await Promise.all([...seen].map(identity)));
      for (const path of paths) {
        const found = await identity(path);
        if (found !== undefined && known.has(found)) return path;
      }
      return undefined;
    },
    end: () => watching.delete(seen),
  };
};

async function identity(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found && `${found.dev}:${found.ino}`;
}

export const readFile: Files['readFile'] = async (path) => {
  note(path);
  try {
    return await read(path);
  } catch (cause) {
    throw readError(path, cause);
  }
};

export const readFileSync: Files['readFileSync'] = (path) => {
  note(path);
  try {
    return readAllSync(path);
  } catch (cause) {
    throw readError(path, cause);
  }
};

export const readPartSync: Files['readPartSync'] = (path, offset, length) => {
  note(path);
  try {
    // Opening a pipe would wait for who writes into it.
    if (!statSync(path).isFile()) throw refusal('EISDIR');
    const file = openSync(path, 'r');
    try {
      // No memory for what the file does not have.
      const bytes = new Uint8Array(Math.max(0, Math.min(length, fstatSync(file).size - offset)));
      let filled = 0;
      while (filled < bytes.length) {
        const part = Math.min(bytes.length - filled, mostAtOnce);
        const count = readSync(file, bytes, filled, part, offset + filled);
        if (count === 0) break;
        filled += count;
      }
      return bytes.subarray(0, filled);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw readError(path, cause);
  }
};

/** Bytes that the platform reads in one call. */
const mostAtOnce = 2 ** 30;

export const realPathSync: Files['realPathSync'] = (path) => {
  try {
    return realpathSync(path);
  } catch (cause) {
    throw readError(path, cause);
  }
};

export const settledPath: Files['settledPath'] = (path) => {
  const whole = resolve(path);
  try {
    return realpathSync(whole);
  } catch {
    const above = dirname(whole);
    return above === whole ? whole : join(settledPath(above), basename(whole));
  }
};

export const listFolder: Files['listFolder'] = async (path) => {
  try {
    return (await readdir(path)).toSorted();
  } catch (cause) {
    throw readError(path, cause);
  }
};

export const isFolder: Files['isFolder'] = async (path) => (await found(path))?.isDirectory() ?? false;

export const isFile: Files['isFile'] = async (path) => (await found(path))?.isFile() ?? false;

export const exists: Files['exists'] = async (path) => (await found(path)) !== undefined;

/** What stands at a path; undefined for nothing. */
async function found(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (cause) {
    if (isAbsent(cause)) return undefined;
    throw readError(path, cause);
  }
}

export const writeFileAtomic: Files['writeFileAtomic'] = (path, bytes) => place(path, bytes, rename);

export const writeFileOnce: Files['writeFileOnce'] = async (path, bytes) => {
  let first = true;
  await place(path, bytes, async (temporary) => {
    try {
      await link(temporary, path);
    } catch (cause) {
      if (codeOf(cause) !== 'EEXIST') throw cause;
      first = false;
    }
    await rm(temporary);
  });
  return first;
};

/** Writes and flushes a temporary file beside `path`, which `finish` brings to its name. */
async function place(
  path: string,
  bytes: Uint8Array,
  finish: (temporary: string, path: string) => Promise<void>,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    const there = await stat(path).catch(() => undefined);
    if (there?.isDirectory() === true) throw refusal('EISDIR');
    // A rename would put a file in the place of the device.
    if (there?.isFile() === false) throw refusal('ENOTREG');
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await finish(temporary, path);
  } catch (cause) {
    // The first failure is the one to report.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw writeError(path, cause);
  }
}

function refusal(code: string): Error {
  return Object.assign(new Error(code), { code });
}

export const tryFile: Files['tryFile'] = (path) =>
  place(path, Uint8Array.of(0), (temporary) => rm(temporary));

export const tryFolder: Files['tryFolder'] = async (path) => {
  let nearest = path;
  while (!(await exists(nearest)) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  if (!(await isFolder(nearest))) throw writeError(path, refusal(nearest === path ? 'EEXIST' : 'ENOTDIR'));
  try {
    await tryFile(join(nearest, randomUUID()));
  } catch (error) {
    throw error instanceof AdvarenaError ? AdvarenaError.fromJSON({ ...error.toJSON(), where: path }) : error;
  }
};

export const sweepTemporary: Files['sweepTemporary'] = async (folder, olderThanSeconds) => {
  const before = Date.now() - olderThanSeconds * 1000;
  for (const name of await listFolder(folder)) {
    if (!/^\..*\.[0-9a-f-]{36}\.tmp$/.test(name)) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && found.mtimeMs <= before) await rm(path, { force: true });
  }
};

export const makeFolder: Files['makeFolder'] = async (path) => {
  try {
    await makeWithParents(path);
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT') throw writeError(path, cause);
    throw new AdvarenaError('OUTPUT_UNWRITABLE', 'No folder can be made there.', {
      where: path,
      remedy: 'Choose another place.',
      cause,
    });
  }
};

/** Node's own `recursive` never returns where a folder stands but takes no entries, as under /proc. */
async function makeWithParents(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (cause) {
    const parent = dirname(path);
    if (codeOf(cause) === 'EEXIST' && (await stat(path)).isDirectory()) return;
    if (codeOf(cause) !== 'ENOENT' || parent === path || (await exists(parent))) throw cause;
    await makeWithParents(parent);
    await makeWithParents(path);
  }
}

export const joinPath: Files['joinPath'] = (...parts) => join(...parts);

export const baseName: Files['baseName'] = (path) => basename(path);

export const dirName: Files['dirName'] = (path) => dirname(path);

export const sha256: Files['sha256'] = (bytes) => createHash('sha256').update(bytes).digest('hex');

export const hmac: Files['hmac'] = (key, text) => createHmac('sha256', key).update(text).digest('hex');

function codeOf(cause: unknown): string {
  return (cause as NodeJS.ErrnoException).code ?? '';
}

function isAbsent(cause: unknown): boolean {
  return codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR';
}

const readProblems: Record<string, [message: string, remedy: string]> = {
  EISDIR: ['It is a folder, not a file.', 'Name a file in it.'],
  ENOTDIR: ['It is not a folder, or leads through a file.', 'Name a folder.'],
  EACCES: ['Reading it is not permitted.', 'Give yourself the right to read it.'],
  ELOOP: ['Its links lead in a circle.', 'Let them lead to a file.'],
  ERR_FS_FILE_TOO_LARGE: ['The file is larger than 2 GiB.', 'Split the file.'],
};

function readError(path: string, cause: unknown): AdvarenaError {
  if (codeOf(cause) === 'ENOENT')
    return new AdvarenaError('FILE_MISSING', 'There is no such file or folder.', {
      where: path,
      remedy: 'Check the path; relative ones start at the working folder.',
      cause,
    });
  const [message, remedy] = readProblems[codeOf(cause)] ?? [
    `It cannot be read: ${(cause as Error).message}.`,
    'Check the file and its disk.',
  ];
  return new AdvarenaError('FILE_UNREADABLE', message, { where: path, remedy, cause });
}

const writeProblems: Record<string, [message: string, remedy: string]> = {
  EACCES: ['Writing there is not permitted.', 'Choose another place, or give yourself the right to write.'],
  EPERM: ['Writing there is not permitted.', 'Choose another place, or give yourself the right to write.'],
  ELOOP: ['Its links lead in a circle.', 'Choose another place, or mend the links.'],
  EROFS: ['The file system is read-only.', 'Choose another place.'],
  ENOTDIR: ['A part of the path is a file, not a folder.', 'Choose another place, or move that file.'],
  EEXIST: ['A file has the name of this folder.', 'Choose another place, or move that file.'],
  EISDIR: ['A folder has the name of this file.', 'Choose another place, or move that folder.'],
  ENOTREG: ['It is a device or a pipe, in whose place a file would be put.', 'Name a file in a folder.'],
  ENOENT: ['The folder to write into does not exist.', 'Make the folder first.'],
};

/** Exported for its test: a full disk cannot be had there otherwise. */
export function writeError(path: string, cause: unknown): AdvarenaError {
  const code = codeOf(cause);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new AdvarenaError('DISK_FULL', 'There is no space left to write it.', {
      where: path,
      remedy: 'Free some space, or choose a place on another disk.',
      broken: true,
      cause,
    });
  const [message, remedy] = writeProblems[code] ?? [
    `It cannot be written: ${(cause as Error).message}.`,
    'Check the place and its disk.',
  ];
  return new AdvarenaError('OUTPUT_UNWRITABLE', message, { where: path, remedy, cause });
}
