import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { told } from '../../test/told.ts';
import * as implementation from './files.node.ts';
import type { Files } from './files.ts';

// The type is the test: a backend is a module of these functions.
const files: Files = implementation;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'advarena-files-'));
  await writeFile(join(folder, 'b.txt'), 'abc');
  await writeFile(join(folder, 'B.txt'), '');
  await mkdir(join(folder, 'a'));
});

afterAll(() => rm(folder, { recursive: true }));

async function caught(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'nothing thrown',
    (error) => ({ ...error.toJSON(), where: error.where.replace(folder, '.') }),
  );
}

describe('reading', () => {
  test('files and folders', async () => {
    expect(new TextDecoder().decode(await files.readFile(join(folder, 'b.txt')))).toBe('abc');
    expect(new TextDecoder().decode(files.readFileSync(join(folder, 'b.txt')))).toBe('abc');
    expect(await files.listFolder(folder)).toEqual(['B.txt', 'a', 'b.txt']);
    expect(await files.isFolder(folder)).toBe(true);
    expect(await files.isFolder(join(folder, 'b.txt'))).toBe(false);
    expect(await files.isFolder(join(folder, 'none'))).toBe(false);
    expect(await files.exists(join(folder, 'b.txt'))).toBe(true);
    expect(await files.exists(join(folder, 'b.txt', 'c'))).toBe(false);
  });

  test('errors name the path and the remedy', async () => {
    expect([
      await caught(files.readFile(join(folder, 'none'))),
      await caught(files.readFile(join(folder, 'a'))),
      await caught(files.listFolder(join(folder, 'b.txt'))),
      await caught(Promise.try(() => files.readFileSync(join(folder, 'none')))),
    ]).toMatchInlineSnapshot(`
      [
        {
          "code": "FILE_MISSING",
          "message": "There is no such file or folder.",
          "remedy": "Check the path; relative ones start at the working folder.",
          "where": "./none",
        },
        {
          "code": "FILE_UNREADABLE",
          "message": "It is a folder, not a file.",
          "remedy": "Name a file in it.",
          "where": "./a",
        },
        {
          "code": "FILE_UNREADABLE",
          "message": "It is not a folder, or leads through a file.",
          "remedy": "Name a folder.",
          "where": "./b.txt",
        },
        {
          "code": "FILE_MISSING",
          "message": "There is no such file or folder.",
          "remedy": "Check the path; relative ones start at the working folder.",
          "where": "./none",
        },
      ]
    `);
  });
});

describe('writing', () => {
  test('replaces the whole file and leaves no temporary one', async () => {
    const place = join(folder, 'written');
    await files.makeFolder(join(place, 'deep'));
    await files.makeFolder(join(place, 'deep'));
    const path = join(place, 'deep', 'x.bin');
    await files.writeFileAtomic(path, Uint8Array.of(1, 2, 3, 4));
    await files.writeFileAtomic(path, Uint8Array.of(9));
    expect([...(await files.readFile(path))]).toEqual([9]);
    expect(await readdir(join(place, 'deep'))).toEqual(['x.bin']);
  });

  test('of several writers of one name the first wins', async () => {
    const place = join(folder, 'once');
    await files.makeFolder(place);
    const path = join(place, 'x.bin');
    const won = await Promise.all([1, 2, 3, 4].map((n) => files.writeFileOnce(path, Uint8Array.of(n))));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect([...(await files.readFile(path))]).toEqual([won.indexOf(true) + 1]);
    expect(await readdir(place)).toEqual(['x.bin']);
  });

  test('sweeping takes old leftovers and nothing else', async () => {
    const place = join(folder, 'swept');
    await files.makeFolder(place);
    const left = '.x.bin.01234567-89ab-cdef-0123-456789abcdef.tmp';
    for (const name of [left, 'x.bin', '.hidden.tmp']) await writeFile(join(place, name), '');
    await files.sweepTemporary(place, 3600);
    expect(await files.listFolder(place)).toEqual([left, '.hidden.tmp', 'x.bin'].toSorted());
    await files.sweepTemporary(place, 0);
    expect(await files.listFolder(place)).toEqual(['.hidden.tmp', 'x.bin']);
  });

  test.runIf(process.platform === 'linux')(
    'a folder that takes no folders is told, not waited for',
    async () => {
      expect(
        await told({ 'a folder of processes': () => files.makeFolder('/proc/a/b') }),
      ).toMatchInlineSnapshot(
        `"a folder of processes: OUTPUT_UNWRITABLE /proc/a/b: No folder can be made there. | Choose another place."`,
      );
    },
  );

  test('errors name the path and the remedy, and nothing is left behind', async () => {
    const before = await readdir(folder);
    const bytes = Uint8Array.of(1);
    expect([
      await caught(files.writeFileAtomic(join(folder, 'none', 'x'), bytes)),
      await caught(files.writeFileAtomic(join(folder, 'b.txt', 'x'), bytes)),
      await caught(files.writeFileAtomic(join(folder, 'a'), bytes)),
      await caught(files.makeFolder(join(folder, 'b.txt'))),
      await caught(files.makeFolder(join(folder, 'b.txt', 'x'))),
    ]).toMatchInlineSnapshot(`
      [
        {
          "code": "OUTPUT_UNWRITABLE",
          "message": "The folder to write into does not exist.",
          "remedy": "Make the folder first.",
          "where": "./none/x",
        },
        {
          "code": "OUTPUT_UNWRITABLE",
          "message": "A part of the path is a file, not a folder.",
          "remedy": "Choose another place, or move that file.",
          "where": "./b.txt/x",
        },
        {
          "code": "OUTPUT_UNWRITABLE",
          "message": "A folder has the name of this file.",
          "remedy": "Choose another place, or move that folder.",
          "where": "./a",
        },
        {
          "code": "OUTPUT_UNWRITABLE",
          "message": "A file has the name of this folder.",
          "remedy": "Choose another place, or move that file.",
          "where": "./b.txt",
        },
        {
          "code": "OUTPUT_UNWRITABLE",
          "message": "A part of the path is a file, not a folder.",
          "remedy": "Choose another place, or move that file.",
          "where": "./b.txt/x",
        },
      ]
    `);
    expect(await readdir(folder)).toEqual(before);
  });

  // Root may write anywhere, so the right cannot be taken from it.
  test.skipIf(process.getuid?.() === 0)('no permission', async () => {
    const closed = join(folder, 'closed');
    await mkdir(closed, { mode: 0o500 });
    expect(await caught(files.writeFileAtomic(join(closed, 'x'), Uint8Array.of(1)))).toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
      message: 'Writing there is not permitted.',
    });
    await chmod(closed, 0o700);
  });

  test.runIf(process.platform === 'linux')(
    'what cannot be read for a reason of the system is told',
    async () => {
      expect(await told({ memory: () => files.readFile('/proc/self/mem') })).toMatchInlineSnapshot(
        `"memory: FILE_UNREADABLE /proc/self/mem: It cannot be read: EIO: i/o error, read. | Check the file and its disk."`,
      );
    },
  );

  test('what the system says of no known kind is told in its words', () => {
    const strange = Object.assign(new Error('EIO: i/o error, write'), { code: 'EIO' });
    const { message, remedy } = implementation.writeError('out.png', strange);
    expect([message, remedy]).toEqual([
      'It cannot be written: EIO: i/o error, write.',
      'Check the place and its disk.',
    ]);
  });

  test.skipIf(process.platform !== 'linux')('a full disk', async () => {
    // A device that is always full.
    const error = await writeFile('/dev/full', 'x').catch((cause: unknown) => cause);
    expect(implementation.writeError('out.png', error).toJSON()).toEqual({
      code: 'DISK_FULL',
      broken: true,
      message: 'There is no space left to write it.',
      where: 'out.png',
      remedy: 'Free some space, or choose a place on another disk.',
    });
  });
});

test('paths and hashes', () => {
  expect(files.joinPath('a', '..', 'b', 'c.png')).toBe(join('b', 'c.png'));
  expect(files.baseName(join('a', 'b.png'))).toBe('b.png');
  expect(files.dirName(join('a', 'b.png'))).toBe('a');
  expect(files.sha256(new TextEncoder().encode('abc'))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});
