import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadRules } from '../src/arena/rules.ts';
import { readClassList } from '../src/data/class-list.ts';
import { readChecksums } from '../src/data/download/record.ts';
import { readHubFiles, readSidecarFile } from '../src/models/index.ts';
import { readText } from '../src/runtime/index.ts';

const folder = await mkdtemp(join(tmpdir(), 'advarena-text-'));
afterAll(() => rm(folder, { recursive: true }));
const write = async (name: string, bytes: Uint8Array): Promise<string> => {
  await writeFile(join(folder, name), bytes);
  return join(folder, name);
};

test('text is read as editors save it, without their marks', async () => {
  const utf16 = Buffer.from('\u{FEFF}dés', 'utf16le');
  for (const [i, bytes] of [
    Buffer.from('dés'),
    Buffer.from('\u{FEFF}dés'),
    utf16,
    Buffer.from(utf16).swap16(),
  ].entries())
    expect(await readText(await write(`${i}.txt`, bytes), 'ANY')).toBe('dés');
});

test('bytes that are no text are refused by all that read text', async () => {
  const bytes = Buffer.from('{"name": "dés"}', 'latin1');
  const model = await write('model.onnx', new Uint8Array());
  const file = await write('config.json', bytes);
  const refused = (code: string) => ({ code, message: 'The file is no text in UTF-8.', where: file });
  await expect(readText(file, 'ANY')).rejects.toMatchObject(refused('ANY'));
  await expect(loadRules(file)).rejects.toMatchObject(refused('RULES'));
  await expect(readSidecarFile(file)).rejects.toMatchObject(refused('SIDECAR'));
  await expect(readHubFiles(model)).rejects.toMatchObject(refused('HUB_FILE'));
  await expect(readClassList(file)).rejects.toMatchObject(refused('CLASS_LIST'));
  await expect(readChecksums(file)).rejects.toMatchObject(refused('CHECKSUMS_INVALID'));
});
