import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  competitionCsv,
  file,
  type ImageServer,
  pictureLevels,
  serveImages,
} from '../../../test/image-server.ts';
import { told } from '../../../test/told.ts';
import { type DownloadOptions, downloadCompetition, encodePng, loadCompetition } from '../index.ts';

const header =
  'ImageId,URL,x1,y1,x2,y2,TrueLabel,TargetClass,OriginalLandingURL,License,Author,AuthorProfileURL';
let root = '';
let server: ImageServer;
let count = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'advarena-download-'));
  const picture = (seed: number) =>
    encodePng({ height: 320, width: 310, channels: 3, data: pictureLevels(320, 310, seed) });
  const pictures = await Promise.all([1, 2, 3, 4].map(picture));
  server = await serveImages(
    Object.fromEntries(pictures.map((bytes, i) => [`/${i + 1}.png`, file(bytes, 'image/png', 30)])),
  );
});

afterAll(async () => {
  await server.close();
  await rm(root, { recursive: true });
});

/** What a download is refused with. */
const refused = (what: string, options: DownloadOptions): Promise<string> =>
  told({ [what]: () => downloadCompetition(options) }, dirname(options.csv));

/** A CSV of images that the server has, and a folder that is not there yet. */
async function world(ids: readonly string[], paths = ids.map((_, i) => `/${i + 1}.png`)) {
  const folder = join(root, String(count++));
  await mkdir(folder);
  const csv = join(folder, 'list.csv');
  const rows = ids.map((id, i) => ({ id, url: server.url + paths[i] }));
  await writeFile(csv, competitionCsv(rows));
  server.asked.length = 0;
  return { csv, rows, out: join(folder, 'out') };
}

test('leaves a folder that loads, with the CSV as it was and checksums', async () => {
  const { csv, out } = await world(['b', 'a', 'c']);
  const seen: number[] = [];
  const result = await downloadCompetition({ csv, out, onProgress: ({ done }) => seen.push(done) });
  expect(result).toMatchObject({ total: 3, kept: 0, fetched: 3, missing: [], differing: [] });
  expect(seen).toEqual([1, 2, 3]);
  expect(await readdir(out)).toEqual([
    'SHA256SUMS',
    'a.png',
    'b.png',
    'c.png',
    'dataset.csv',
    'download.json',
  ]);
  expect(await readFile(join(out, 'dataset.csv'))).toEqual(await readFile(csv));
  const dataset = await loadCompetition(out);
  expect(dataset.ids).toEqual(['b', 'a', 'c']);
  expect(dataset.images.shape).toEqual([3, 3, 299, 299]);
  expect([...(dataset.labels ?? [])]).toEqual([6, 6, 6]);
  const sums = await readFile(join(out, 'SHA256SUMS'), 'utf8');
  expect(sums).toMatch(/^[0-9a-f]{64} {2}b\.png\n[0-9a-f]{64} {2}a\.png\n[0-9a-f]{64} {2}c\.png\n$/);
});

test('no more are fetched at once than allowed', async () => {
  const most = async (concurrency: number) => {
    let running = 0;
    let most = 0;
    await downloadCompetition({
      ...(await world(['a', 'b', 'c', 'd'])),
      concurrency,
      // The server thinks for a while before it answers.
      fetch: async (...words) => {
        most = Math.max(most, ++running);
        return fetch(...words).finally(() => running--);
      },
    });
    return most;
  };
  expect([await most(1), await most(3)]).toEqual([1, 3]);
});

describe('a second call', () => {
  test('keeps what is right and asks for nothing', async () => {
    const { csv, out } = await world(['a', 'b']);
    await downloadCompetition({ csv, out });
    server.asked.length = 0;
    expect(await downloadCompetition({ csv, out })).toMatchObject({ kept: 2, fetched: 0, bytes: 0 });
    expect(server.asked).toEqual([]);
  });

  test('fetches again what is damaged, foreign, or has another URL or box now', async () => {
    const { csv, out, rows } = await world(['damaged', 'foreign', 'moved', 'kept']);
    await downloadCompetition({ csv, out });
    const before = await readFile(join(out, 'damaged.png'));
    await writeFile(join(out, 'damaged.png'), before.subarray(0, 99));
    await writeFile(join(out, 'foreign.png'), await readFile(join(out, 'kept.png')));
    const moved = rows.map((row) => (row.id === 'moved' ? { ...row, box: [0, 0, 0.5, 1] } : row));
    await writeFile(csv, competitionCsv(moved));
    server.asked.length = 0;
    const result = await downloadCompetition({ csv, out });
    expect(server.asked.toSorted()).toEqual(['/1.png', '/2.png', '/3.png']);
    expect(result).toMatchObject({ kept: 1, fetched: 3 });
    expect(await readFile(join(out, 'damaged.png'))).toEqual(before);
    // The cut of another box is another picture than the checksums know.
    expect(result.differing.map(({ id }) => id)).toEqual(['moved']);
  });

  test('goes on after a stop, with what had come', async () => {
    const { csv, out } = await world(['a', 'b', 'c', 'd']);
    const controller = new AbortController();
    const stopped = downloadCompetition({
      csv,
      out,
      concurrency: 1,
      signal: controller.signal,
      onProgress: ({ done }) => {
        if (done === 2) controller.abort(new Error('enough'));
      },
    });
    await expect(stopped).rejects.toThrow('enough');
    expect((await readdir(out)).filter((name) => !name.startsWith('.'))).toEqual([
      'a.png',
      'b.png',
      'download.json',
    ]);
    const result = await downloadCompetition({ csv, out });
    expect(result).toMatchObject({ total: 4, kept: 2, fetched: 2, missing: [] });
    expect((await loadCompetition(out)).ids).toEqual(['a', 'b', 'c', 'd']);
  });

  test('after the record was lost keeps what the checksums vouch for; a damaged record is told', async () => {
    const { csv, out } = await world(['a', 'b']);
    await downloadCompetition({ csv, out });
    const record = join(out, 'download.json');
    await writeFile(record, (await readFile(record)).subarray(0, 50));
    expect(await refused('the record cut off', { csv, out })).toMatchInlineSnapshot(
      `"the record cut off: RECORD_INVALID ./out/download.json: The record of the download is damaged. | Remove it: images that SHA256SUMS vouches for are kept, others fetched again."`,
    );
    await rm(record);
    expect(await downloadCompetition({ csv, out })).toMatchObject({ kept: 2, fetched: 0 });
  });
});

describe('checksums', () => {
  test('what differs is told each time until the line is taken out', async () => {
    const { csv, out } = await world(['a', 'b']);
    await downloadCompetition({ csv, out });
    const path = join(out, 'SHA256SUMS');
    const sums = await readFile(path, 'utf8');
    const [, found] = /^(\w+) {2}b/m.exec(sums) as unknown as [string, string];
    const wrong = sums.replace(found, '0'.repeat(64));
    await writeFile(path, wrong);
    const differing = [{ id: 'b', expected: '0'.repeat(64), found }];
    expect(await downloadCompetition({ csv, out })).toMatchObject({ kept: 2, differing });
    expect(await downloadCompetition({ csv, out })).toMatchObject({ differing });
    expect(await readFile(path, 'utf8')).toBe(wrong);
    await writeFile(path, wrong.replace(/^0{64}.*\n/m, ''));
    expect(await downloadCompetition({ csv, out })).toMatchObject({ differing: [] });
    expect(await readFile(path, 'utf8')).toBe(sums);
  });

  test('of another file are compared with; a wrong line has its place', async () => {
    const { csv, out } = await world(['a', 'b']);
    const checksums = `${csv}.sums`;
    await writeFile(checksums, `# of a friend\n\n${'1'.repeat(64)} *a.png\n`);
    const { differing } = await downloadCompetition({ csv, out, checksums });
    expect(differing).toMatchObject([{ id: 'a', expected: '1'.repeat(64) }]);
    await writeFile(checksums, `${'1'.repeat(64)}  a.png\n${'1'.repeat(63)}  b.png\n`);
    expect(await refused('a short hash', { csv, out, checksums })).toMatchInlineSnapshot(
      `"a short hash: CHECKSUMS_INVALID ./list.csv.sums, line 2: The line is no checksum of a PNG. | Write lines as sha256sum does: hash, two spaces, ID.png."`,
    );
    await writeFile(checksums, `${'1'.repeat(64)}  a.png\n${'1'.repeat(64)}  a.png\n`);
    expect(await refused('an id twice', { csv, out, checksums })).toMatchInlineSnapshot(
      `"an id twice: CHECKSUMS_INVALID ./list.csv.sums, line 2: The image "a" stands there twice. | Take one of the lines out."`,
    );
  });
});

describe('a folder in use is refused', () => {
  test('by an image without a row, another CSV, a CSV of one’s own', async () => {
    const { csv, out } = await world(['a']);
    await downloadCompetition({ csv, out });
    const files = {
      'z.png': 'x',
      'other.csv': `${header}\n`,
      'dataset.csv': `${header}\n`,
      'dataset.json': '{}',
    };
    const lines: string[] = [];
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(out, name), text);
      lines.push(await refused(name, { csv, out }));
      await rm(join(out, name));
    }
    expect(lines.join('\n')).toMatchInlineSnapshot(`
      "z.png: FOLDER_IN_USE ./out/z.png: The folder holds an image that has no row in ./list.csv. | Name another folder, or move the file away.
      other.csv: FOLDER_IN_USE ./out/other.csv: The folder holds another CSV of the competition. | Name another folder, or move the file away.
      dataset.csv: FOLDER_IN_USE ./out/dataset.csv: The folder holds a CSV that no download has written. | Name another folder, or move the file away.
      dataset.json: FOLDER_IN_USE ./out/dataset.json: The folder holds a card that does not lie beside ./list.csv. | Name another folder, or move the file away."
    `);
    expect(await downloadCompetition({ csv, out })).toMatchObject({ kept: 1 });
  });

  test('the list itself is never overwritten by a part of it', async () => {
    const { csv, out, rows } = await world(['a', 'b'], ['/1.png', '/gone.png']);
    await mkdir(out);
    const own = join(out, 'dataset.csv');
    await writeFile(own, competitionCsv(rows));
    expect((await downloadCompetition({ csv: own, out })).missing).toHaveLength(1);
    await expect(downloadCompetition({ csv: own, out, partial: true })).rejects.toMatchObject({
      code: 'FOLDER_IN_USE',
    });
    expect(await readFile(own, 'utf8')).toBe(await readFile(csv, 'utf8'));
  });
});
