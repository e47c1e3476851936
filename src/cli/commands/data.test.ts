import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadDataset, roadsigns } from '../../data/index.ts';

const main = new URL('../main.ts', import.meta.url).pathname;
let root = '';

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'advarena-cli-data-'));
});

afterAll(() => rm(root, { recursive: true }));

function advarena(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--conditions=advarena-source', main, ...words], (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), stdout, stderr });
    });
  });
}

describe('data roadsigns', () => {
  test('writes a folder that loads, and says what it did', async () => {
    const out = join(root, 'dev');
    const words = ['data', 'roadsigns', '--count', '9', '--seed', '7', '--part', 'dev', '--out', out];
    const made = await advarena(...words, '--off', 'occlusion', 'stickers', '--json');
    expect([made.code, made.stderr]).toEqual([0, '']);
    expect(JSON.parse(made.stdout)).toEqual({
      dataset: 'roadsigns',
      folder: out,
      part: 'dev',
      count: 9,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      seconds: expect.any(Number),
    });
    const expected = await roadsigns({ count: 9, seed: 7, part: 'dev', off: ['occlusion', 'stickers'] });
    expect(await loadDataset({ images: out })).toEqual({ ...expected, name: 'dev' });
    const again = await advarena(...words);
    expect(again.code).toBe(2);
    expect(again.stderr.replaceAll(root, '')).toBe(
      'error FOLDER_IN_USE  /dev: The folder is not empty.\n  fix: Name another, or empty it: two datasets must not mix.\n',
    );
  });

  test('wrong words are refused before anything is written', async () => {
    const out = join(root, 'none');
    const common = ['data', 'roadsigns', '--seed', '7', '--out', out];
    const part = await advarena(...common, '--count', '3', '--part', 'test');
    expect([part.code, part.stderr]).toEqual([2, expect.stringContaining('train, dev, final')]);
    const count = await advarena(...common, '--count', '0', '--part', 'dev');
    expect([count.code, count.stderr]).toEqual([
      2,
      'error ARGUMENT  --count is "0".\n  fix: Give a whole number of at least 1.\n',
    ]);
    const off = await advarena(...common, '--count', '1', '--part', 'dev', '--off', 'shadows');
    expect([off.code, off.stderr]).toEqual([2, expect.stringContaining('Did you mean "shadow"?')]);
    expect(await readdir(root)).not.toContain('none');
  });
});
