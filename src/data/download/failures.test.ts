import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Answer,
  competitionCsv,
  file,
  type ImageServer,
  pictureLevels,
  serveImages,
} from '../../../test/image-server.ts';
import { downloadCompetition, encodeJpeg, loadCompetition } from '../index.ts';

let root = '';
let server: ImageServer;
let jpeg: Uint8Array;
const times: Record<string, number[]> = {};

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'advarena-failures-'));
  const data = pictureLevels(330, 320);
  jpeg = await encodeJpeg({ height: 330, width: 320, channels: 3, data }, 90, '4:2:0');
  const good = file(jpeg, 'image/jpeg');
  const to =
    (location: string, status = 302): Answer =>
    (response) =>
      response.writeHead(status, { location }).end();
  const halfway: Answer = (response) => {
    response.writeHead(200, { 'content-length': jpeg.length });
    response.write(jpeg.subarray(0, 2000), () => setTimeout(() => response.destroy(), 20));
  };
  const stalled: Answer = (response) => {
    response.writeHead(200, { 'content-length': jpeg.length });
    response.write(jpeg.subarray(0, 2000));
  };
  const refusing =
    (status: number, often: number, headers = {}): Answer =>
    (response, time, request) => {
      (times[request.url as string] ??= []).push(performance.now());
      if (time <= often) response.writeHead(status, headers).end('wait');
      else good(response, time, request);
    };
  server = await serveImages({
    '/good.jpg': good,
    '/moved.jpg': to('/moved-again.jpg', 301),
    '/moved-again.jpg': to('/good.jpg', 307),
    '/circle.jpg': to('/circle.jpg'),
    '/old.jpg': to('/images/photo_unavailable.png'),
    '/images/photo_unavailable.png': good,
    '/page.jpg': (response) =>
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<p>Sign in'),
    '/truncated.jpg': file(jpeg.subarray(0, 3000), 'image/jpeg'),
    '/huge.jpg': (response) => {
      response.writeHead(200, { 'content-type': 'image/jpeg' });
      response.write(new Uint8Array(70_000), () => response.end(new Uint8Array(70_000)));
    },
    '/announced.jpg': (response) => {
      response.writeHead(200, { 'content-length': 1e9 }).flushHeaders();
    },
    '/halfway.jpg': halfway,
    '/halfway-once.jpg': (response, time, request) => (time === 1 ? halfway : good)(response, time, request),
    '/stalled.jpg': stalled,
    '/silent.jpg': () => undefined,
    '/slow-once.jpg': (response, time, request) => (time === 1 ? stalled : good)(response, time, request),
    '/slow-but-steady.jpg': (response) => {
      response.writeHead(200);
      const step = Math.ceil(jpeg.length / 6);
      const send = (at: number): void => {
        if (at >= jpeg.length) response.end();
        else response.write(jpeg.subarray(at, at + step), () => setTimeout(send, 450, at + step));
      };
      send(0);
    },
    '/busy.jpg': refusing(429, 1, { 'retry-after': '2' }),
    '/busy-for-hours.jpg': refusing(429, 9, { 'retry-after': '7200' }),
    '/broken-twice.jpg': refusing(503, 2),
    '/broken.jpg': refusing(500, 9),
    '/forbidden.jpg': refusing(403, 9),
  });
});

afterAll(async () => {
  await server.close();
  await rm(root, { recursive: true });
});

async function list(name: string, paths: readonly string[], box?: readonly number[]) {
  const csv = join(root, `${name}.csv`);
  const rows = paths.map((path, i) => ({
    id: `i${i}`,
    url: path.startsWith('/') ? server.url + path : path,
    ...(box === undefined ? {} : { box }),
  }));
  await writeFile(csv, competitionCsv(rows));
  server.asked.length = 0;
  return { csv, out: join(root, name) };
}

const asked = (path: string) => server.asked.filter((p) => p === path).length;

test('what fails for a while is tried again', async () => {
  const names = [
    '/moved.jpg',
    '/halfway-once.jpg',
    '/slow-once.jpg',
    '/slow-but-steady.jpg',
    '/broken-twice.jpg',
  ];
  const where = await list('passing', names);
  const result = await downloadCompetition({ ...where, timeoutSeconds: 2, retries: 2 });
  expect(result).toMatchObject({ total: 5, fetched: 5, missing: [] });
  expect(['/halfway-once.jpg', '/slow-once.jpg', '/broken-twice.jpg'].map(asked)).toEqual([2, 2, 3]);
  const [first = 0, second = 0, third = 0] = times['/broken-twice.jpg'] ?? [];
  expect(second - first).toBeGreaterThan(480);
  expect(third - second).toBeGreaterThan(980);
  const { images } = await loadCompetition(where.out);
  const size = 3 * 299 * 299;
  for (let i = 1; i < 5; i++)
    expect(images.data.subarray(i * size, (i + 1) * size)).toEqual(images.data.subarray(0, size));
  const record = JSON.parse(await readFile(join(where.out, 'download.json'), 'utf8')) as {
    images: Record<string, unknown>;
  };
  expect(record.images['i0']).toMatchObject({ from: `${server.url}/good.jpg`, bytes: jpeg.length });
});

test('who asks to wait is left alone by all', async () => {
  const where = await list('waiting', ['/busy.jpg', '/good.jpg', '/good.jpg', '/good.jpg']);
  const asks: [path: string, time: number][] = [];
  const result = await downloadCompetition({
    ...where,
    concurrency: 1,
    fetch: async (...words) => {
      asks.push([new URL(new Request(words[0]).url).pathname, performance.now()]);
      return fetch(...words);
    },
  });
  expect(result.missing).toEqual([]);
  const [[, first] = ['', 0], ...others] = asks;
  expect(asks.map(([path]) => path)).toEqual([
    '/busy.jpg',
    '/busy.jpg',
    '/good.jpg',
    '/good.jpg',
    '/good.jpg',
  ]);
  for (const [, time] of others) expect(time - first).toBeGreaterThan(1990);

  const together = await list('waiting-together', ['/busy-for-hours.jpg', '/good.jpg']);
  const { missing } = await downloadCompetition(together);
  expect(missing).toMatchObject([{ id: 'i0', reason: 'status', detail: '429 Too Many Requests' }]);
  expect(asked('/busy-for-hours.jpg')).toBe(1);
});

describe('what cannot be had is listed, never fatal', () => {
  const expected: [path: string, reason: string, detail: string, tries: number][] = [
    ['/gone.jpg', 'status', '404 Not Found', 1],
    ['/forbidden.jpg', 'status', '403 Forbidden', 1],
    ['/broken.jpg', 'status', '500 Internal Server Error', 2],
    ['/page.jpg', 'no-image', 'the answer is text/html', 1],
    ['/truncated.jpg', 'damaged', 'The image is damaged or cut off.', 1],
    ['/old.jpg', 'placeholder', 'the host shows URL/images/photo_unavailable.png instead', 1],
    ['/circle.jpg', 'unreachable', 'redirect count exceeded', 21],
    ['/halfway.jpg', 'cut-off', 'other side closed', 2],
    ['/stalled.jpg', 'timeout', 'no answer, or too slow a one, within 1 s', 2],
    ['/silent.jpg', 'timeout', 'no answer, or too slow a one, within 1 s', 2],
    ['/huge.jpg', 'too-large', 'more than 100000 bytes', 1],
    ['/announced.jpg', 'too-large', 'more than 100000 bytes', 1],
  ];

  test('with line, id, URL and reason, in the result and in missing.csv', async () => {
    const where = await list('missing', ['/good.jpg', ...expected.map(([path]) => path)]);
    const options = { ...where, retries: 1, timeoutSeconds: 1, maxBytes: 100_000 };
    const result = await downloadCompetition(options);
    expect(result).toMatchObject({ total: 13, fetched: 1, kept: 0 });
    const lines = expected.map(([path, reason, detail], i) => ({
      line: i + 3,
      id: `i${i + 1}`,
      url: server.url + path,
      reason,
      detail: detail.replace('URL', server.url),
    }));
    expect(result.missing).toEqual(lines);
    expect(expected.map(([path]) => asked(path))).toEqual(expected.map(([, , , tries]) => tries));
    const cell = (text: string) => (text.includes(',') ? `"${text}"` : text);
    expect(await readFile(join(where.out, 'missing.csv'), 'utf8')).toBe(
      ['Line,ImageId,URL,Reason,Detail']
        .concat(lines.map((l) => [l.line, l.id, l.url, l.reason, cell(l.detail)].join()))
        .map((line) => `${line}\n`)
        .join(''),
    );
    expect((await readdir(where.out)).filter((name) => /png|tmp/.test(name))).toEqual(['i0.png']);
    // The CSV lists all: the loader does not pass over what is missing.
    await expect(loadCompetition(where.out)).rejects.toMatchObject({ code: 'IMAGE_MISSING' });

    const some = await downloadCompetition({ ...options, retries: 0, partial: true });
    expect(some).toMatchObject({ total: 13, kept: 1, fetched: 0 });
    expect(some.missing).toHaveLength(12);
    expect((await loadCompetition(where.out)).ids).toEqual(['i0']);
    const whole = await downloadCompetition({ ...options, retries: 0 });
    expect(whole.missing).toHaveLength(12);
    expect(await readFile(join(where.out, 'dataset.csv'))).toEqual(await readFile(where.csv));
  });

  test('hosts that are unknown or do not answer, a box without a pixel', async () => {
    const where = await list('hosts', ['/good.jpg'], [0.5, 0.5, 0.501, 0.501]);
    expect((await downloadCompetition(where)).missing).toMatchObject([{ reason: 'empty-box' }]);
    const unknown = await list('unknown', ['http://nowhere.example/a.jpg']);
    let tries = 0;
    const failing = (code: string) => () => {
      tries++;
      const cause = Object.assign(new Error(`getaddrinfo ${code} nowhere.example`), { code });
      return Promise.reject(new TypeError('fetch failed', { cause }));
    };
    const first = await downloadCompetition({ ...unknown, fetch: failing('ENOTFOUND') });
    expect(first.missing).toMatchObject([
      { reason: 'host-unknown', detail: 'getaddrinfo ENOTFOUND nowhere.example' },
    ]);
    expect(tries).toBe(1);
    const later = await downloadCompetition({ ...unknown, retries: 1, fetch: failing('EAI_AGAIN') });
    expect(later.missing).toMatchObject([{ reason: 'unreachable' }]);
    expect(tries).toBe(3);
    const closed = await list('closed', ['http://127.0.0.1:1/a.jpg']);
    expect((await downloadCompetition({ ...closed, retries: 0 })).missing).toMatchObject([
      { reason: 'unreachable' },
    ]);
  });

  test('a foreign file in the place of one that does not come stays, and is told', async () => {
    const where = await list('foreign', ['/good.jpg', '/gone.jpg']);
    await downloadCompetition(where);
    await writeFile(join(where.out, 'i1.png'), 'mine');
    expect((await downloadCompetition(where)).missing).toMatchObject([
      { id: 'i1', detail: '404 Not Found; the i1.png that lies there is another or damaged' },
    ]);
    expect(await readFile(join(where.out, 'i1.png'), 'utf8')).toBe('mine');
  });
});
