import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readImageList, tableOf } from './rows.ts';

const header =
  'ImageId,URL,x1,y1,x2,y2,TrueLabel,TargetClass,OriginalLandingURL,License,Author,AuthorProfileURL';
const good = 'a,http://example.org/a.jpg,0.25,0.0,1,0.5,3,4,,,,';
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'advarena-rows-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function read(text: string) {
  const path = join(folder, 'x.csv');
  await writeFile(path, text);
  return readImageList(path);
}

test('byte-order mark, CRLF, quoted commas and quoted quotes are understood, and written again', async () => {
  const text = `\uFEFF${header}\r\n${good}\r\n\r\nb,"http://example.org/b,1.jpg",0,0,1,1,1000,1,,@jo,"Doe, ""J""",\r\n`;
  const { rows, bytes } = await read(text);
  expect(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)).toBe(text);
  expect(rows.map(({ line, id, url, box }) => ({ line, id, url, box }))).toEqual([
    { line: 2, id: 'a', url: 'http://example.org/a.jpg', box: [0.25, 0, 1, 0.5] },
    { line: 4, id: 'b', url: 'http://example.org/b,1.jpg', box: [0, 0, 1, 1] },
  ]);
  expect(new TextDecoder().decode(tableOf(rows.slice(1)))).toBe(
    `${header}\nb,"http://example.org/b,1.jpg",0,0,1,1,1000,1,,@jo,"Doe, ""J""",\n`,
  );
});

describe('what is refused, with its place', () => {
  const row = (cells: Partial<Record<string, string>>) => {
    const names = header.split(',');
    return good
      .split(',')
      .map((cell, i) => cells[names[i] as string] ?? cell)
      .join(',');
  };
  test.for<[change: Partial<Record<string, string>>, place: string, code: string, message: string]>([
    [{ x1: '-0.1' }, 'line 2, column x1', 'CSV_INVALID', 'The edge "-0.1" is not a number from 0 to 1.'],
    [{ y2: '1.01' }, 'line 2, column y2', 'CSV_INVALID', 'The edge "1.01" is not a number from 0 to 1.'],
    [{ x2: '' }, 'line 2, column x2', 'CSV_INVALID', 'The edge "" is not a number from 0 to 1.'],
    [{ y1: '0,5' }, 'line 2', 'CSV_INVALID', 'The row has 13 cells, the header 12.'],
    [{ x2: '0.25' }, 'line 2, column x2', 'CSV_INVALID', 'The box ends at 0.25, before its left edge 0.25.'],
    [{ y1: '0.75' }, 'line 2, column y2', 'CSV_INVALID', 'The box ends at 0.5, before its upper edge 0.75.'],
    [{ URL: '' }, 'line 2, column URL', 'CSV_INVALID', 'The row has no URL.'],
    [{ URL: 'a.jpg' }, 'line 2, column URL', 'CSV_INVALID', '"a.jpg" is no URL.'],
    [{ URL: 'file:///a' }, 'line 2, column URL', 'CSV_INVALID', '"file:///a" is not on the web.'],
    [
      { URL: 'http://me:word@example.org/' },
      'line 2, column URL',
      'CSV_INVALID',
      'The URL holds a user name or password.',
    ],
    [
      { ImageId: '../a' },
      'line 2, column ImageId',
      'CSV_INVALID',
      'The id "../a" cannot be the name of a file.',
    ],
    [{ ImageId: '' }, 'line 2', 'CSV_INVALID', 'The row has no id.'],
    [{ TrueLabel: '1001' }, 'line 2', 'LABEL_RANGE', 'The TrueLabel 1001 is not in 1 to 1000.'],
    [{ TargetClass: '3' }, 'line 2', 'TARGET_IS_LABEL', 'The target class is the true class.'],
  ])('%j', async ([change, place, code, message]) => {
    const error = await read(`${header}\n${row(change)}\n`).catch((e: unknown) => e);
    expect(error).toMatchObject({ code, message, where: `${join(folder, 'x.csv')}, ${place}` });
  });

  test('the same id twice, another header, no rows', async () => {
    const path = join(folder, 'x.csv');
    expect(await read(`${header}\n${good}\n${good}\n`).catch((e: unknown) => e)).toMatchObject({
      code: 'DUPLICATE_ID',
      message: `The id "a" stands at ${path}, line 2 already.`,
      where: `${path}, line 3`,
    });
    expect(await read('id,label\na,3\n').catch((e: unknown) => e)).toMatchObject({
      code: 'CSV_INVALID',
      message: "The first line is not the competition's header.",
      where: `${path}, line 1`,
    });
    expect(await read(`${header}\n`).catch((e: unknown) => e)).toMatchObject({
      message: 'The file has no rows.',
    });
  });
});
