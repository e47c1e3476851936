import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  competitionCsv,
  file,
  type ImageServer,
  pictureLevels,
  serveImages,
} from '../../../test/image-server.ts';
import { encodePng, loadCompetition } from '../../data/index.ts';

const main = new URL('../main.ts', import.meta.url).pathname;
let root = '';
let server: ImageServer;
let csv = '';

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'advarena-cli-nips2017-'));
  const png = await encodePng({ height: 310, width: 300, channels: 3, data: pictureLevels(310, 300) });
  const paths = Array.from({ length: 12 }, (_, i) => `/${i}.png`);
  server = await serveImages(Object.fromEntries(paths.map((path) => [path, file(png, 'image/png', 250)])));
  csv = join(root, 'list.csv');
  await writeFile(csv, competitionCsv(paths.map((path, i) => ({ id: `i${i}`, url: server.url + path }))));
});

afterAll(async () => {
  await server.close();
  await rm(root, { recursive: true });
});

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

function start(...words: string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, ['--conditions=advarena-source', main, 'data', 'nips2017', ...words]);
  const out = { code: null as number | null, stdout: '', stderr: '' };
  child.stdout.on('data', (text: Buffer) => (out.stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (out.stderr += text.toString()));
  const ended = once(child, 'close').then(([code]) => ({ ...out, code: code as number | null }));
  return { child, ended };
}

/** Until the server was asked for so many images since `from`. */
async function askedFor(images: number, from: number): Promise<void> {
  while (server.asked.length - from < images) await sleep(20);
}

test('Ctrl-C stops it, the same command goes on', async () => {
  const out = join(root, 'stopped');
  const words = [csv, '--out', out, '--concurrency', '2'];
  const from = server.asked.length;
  const { child, ended } = start(...words);
  await askedFor(6, from);
  child.kill('SIGINT');
  const { code, stdout, stderr } = await ended;
  expect([code, stdout]).toEqual([130, '']);
  expect(stderr).toContain(
    `error STOPPED  Stopped.\n  fix: Run the same command again to go on: what came is in ${out}.\n`,
  );
  const again = await start(...words, '--json').ended;
  expect([again.code, again.stderr]).toEqual([0, '']);
  const result = JSON.parse(again.stdout) as { kept: number; fetched: number };
  expect(result).toMatchObject({ dataset: 'nips2017', folder: out, total: 12, missing: [], differing: [] });
  expect(result.kept).toBeGreaterThanOrEqual(3);
  expect(result.kept + result.fetched).toBe(12);
  expect((await loadCompetition(out)).ids).toHaveLength(12);
});

test('a kill in the middle costs at most what came in the last seconds', async () => {
  const out = join(root, 'killed');
  const words = [csv, '--out', out, '--concurrency', '1', '--json'];
  const from = server.asked.length;
  const { child, ended } = start(...words);
  await askedFor(10, from);
  child.kill('SIGKILL');
  expect((await ended).code).toBe(null);
  const record = JSON.parse(await readFile(join(out, 'download.json'), 'utf8')) as { images: object };
  const recorded = Object.keys(record.images).length;
  expect(recorded).toBeGreaterThan(2);
  const again = await start(...words).ended;
  expect(again.code).toBe(0);
  expect(JSON.parse(again.stdout)).toMatchObject({ total: 12, kept: recorded, fetched: 12 - recorded });
  expect((await loadCompetition(out)).ids).toHaveLength(12);
});

test('tells what is missing and what differs; --partial goes on without', async () => {
  const out = join(root, 'missing');
  const list = join(root, 'missing-list.csv');
  const row = (id: string, path: string) => ({ id, url: server.url + path });
  await writeFile(list, competitionCsv([row('a', '/0.png'), row('b', '/gone.png'), row('c', '/1.png')]));
  const first = await start(list, '--out', out).ended;
  const plain = (text: string) =>
    text
      .replaceAll(root, '')
      .replaceAll(server.url, 'URL')
      .replace(/\d+ s$/m, 'TIME');
  expect([first.code, first.stderr]).toEqual([1, '']);
  expect(plain(first.stdout)).toMatch(
    /^2 of 3 images are in \/missing: 2 fetched \(\d\.\d MB\), 0 kept, TIME\n/,
  );
  expect(plain(first.stdout).split('\n').slice(1)).toEqual([
    '1 of 3 are missing (1 status):',
    '  line 3, b: status, 404 Not Found; URL/gone.png',
    'All are listed in /missing/missing.csv; the same command tries them again.',
    '/missing/dataset.csv lists all 3, so the folder does not load; --partial lists those that came.',
    '',
  ]);
  const partial = await start(list, '--out', out, '--partial').ended;
  expect(partial.code).toBe(0);
  expect(plain(partial.stdout).split('\n').at(-2)).toBe('/missing/dataset.csv lists only the 2 that came.');
  expect((await loadCompetition(out)).ids).toEqual(['a', 'c']);

  const sums = join(root, 'sums');
  await writeFile(sums, `${'0'.repeat(64)}  c.png\n`);
  const differs = await start(list, '--out', out, '--partial', '--checksums', sums).ended;
  expect(differs.code).toBe(1);
  expect(differs.stdout).toMatch(
    /\n1 of 3 differ from their checksums:\n {2}c\.png: [0-9a-f]{64}, expected 0{64}\nTo accept one, take its line out of the checksums\.\n$/,
  );
});

test('wrong input is code 2, with row and column', async () => {
  const list = join(root, 'wrong.csv');
  await writeFile(list, competitionCsv([{ id: 'a', url: 'ftp://example.org/a.png' }]));
  const { code, stderr } = await start(list, '--out', join(root, 'wrong')).ended;
  expect([code, stderr.replaceAll(root, '')]).toEqual([
    2,
    'error CSV_INVALID  /wrong.csv, line 2, column URL: "ftp://example.org/a.png" is not on the web.\n  fix: Give an address that begins with http:// or https://.\n',
  ]);
});
