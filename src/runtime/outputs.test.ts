import { link, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { openOutputs, readFile, readFileSync, readPartSync, writeFileAtomic } from './index.ts';

const root = await mkdtemp(join(tmpdir(), 'advarena-outputs-'));
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(root, 'place-'));
  await writeFile(join(folder, 'a.png'), 'a');
  await mkdir(join(folder, 'inner'));
});
afterAll(() => rm(root, { recursive: true }));

const refused = { code: 'OUTPUT_IS_INPUT', message: 'This file is read, and would be overwritten.' };

test('what was read is spared, however it is called', async () => {
  await symlink(join(folder, 'a.png'), join(folder, 'link.png'));
  await symlink(folder, join(folder, 'inner', 'up'));
  await link(join(folder, 'a.png'), join(folder, 'twin.png'));
  const names = [
    join(folder, 'a.png'),
    relative(process.cwd(), join(folder, 'inner', '..', 'a.png')),
    join(folder, 'link.png'),
    join(folder, 'inner', 'up', 'a.png'),
    join(folder, 'twin.png'),
  ];
  const ways = [readFile, readFileSync, (path: string) => readPartSync(path, 0, 1)];
  for (const [i, where] of names.entries()) {
    const outputs = await openOutputs({ files: [where] });
    await ways[i % 3]?.(join(folder, 'a.png'));
    const spared = outputs.spareInputs([undefined, join(folder, 'new.png'), where]);
    await expect(spared).rejects.toMatchObject({ ...refused, where });
  }
});

test('what was not read, or before, may be replaced', async () => {
  await readFile(join(folder, 'a.png'));
  const outputs = await openOutputs({ files: [join(folder, 'a.png')], folders: [folder, undefined] });
  await outputs.spareInputs([join(folder, 'a.png'), join(folder, 'none', 'b.png')]);
});

test('no two outputs go to one path, however it is called', async () => {
  await symlink(join(folder, 'inner'), join(folder, 'way'));
  await symlink(join(folder, 'a.png'), join(folder, 'link.png'));
  const at = (...names: string[]): string => join(folder, ...names);
  const refused = (where: string) => ({ code: 'OUTPUT_TWICE', where });
  for (const [files, folders, where] of [
    [[at('x'), at('x')], [], at('x')],
    [[at('inner', 'x'), at('way', 'x')], [], at('way', 'x')],
    [[at('a.png'), at('link.png')], [], at('link.png')],
    [[at('way', 'new')], [at('inner', 'new', 'deep')], at('inner', 'new', 'deep')],
    [[at('x'), at('x', 'y', 'z')], [], at('x', 'y', 'z')],
    [[relative(process.cwd(), at('x'))], [`${at('x')}/`], `${at('x')}/`],
  ] as const)
    await expect(openOutputs({ files, folders })).rejects.toMatchObject(refused(where));
  const outputs = await openOutputs({ files: [at('x')], folders: [folder, folder, undefined] });
  await expect(outputs.spareInputs([at('x'), at('y'), at('inner', '..', 'y')])).rejects.toMatchObject(
    refused(at('inner', '..', 'y')),
  );
});

test('places are tried before anything is read, and no trace is left', async () => {
  const file = join(folder, 'a.png');
  const tries = (places: Parameters<typeof openOutputs>[0]) => openOutputs(places).then(() => 'open');
  expect(await tries({ files: [file, join(folder, 'new.png')] })).toBe('open');
  expect(await tries({ folders: [folder, join(folder, 'deep', 'deeper')] })).toBe('open');
  expect(await readdir(folder)).toEqual(['a.png', 'inner']);
  for (const [places, message] of [
    [{ files: [join(folder, 'none', 'x.png')] }, 'The folder to write into does not exist.'],
    [{ files: [join(folder, 'inner')] }, 'A folder has the name of this file.'],
    [{ files: [join(file, 'x.png')] }, 'A part of the path is a file, not a folder.'],
    [{ folders: [file] }, 'A file has the name of this folder.'],
    [{ folders: [join(file, 'deep')] }, 'A part of the path is a file, not a folder.'],
  ] as const)
    await expect(tries(places)).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE', message });
});

test.runIf(process.platform === 'linux')('devices and places that take no files', async () => {
  const full = '/dev/full';
  const message = 'It is a device or a pipe, in whose place a file would be put.';
  await expect(openOutputs({ files: [full] })).rejects.toMatchObject({ message, where: full });
  await expect(writeFileAtomic(full, Uint8Array.of(1))).rejects.toMatchObject({ message, where: full });
  const inProc = openOutputs({ folders: ['/proc/a/b'] });
  await expect(inProc).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE', where: '/proc/a/b' });
});
