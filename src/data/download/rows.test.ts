import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { told } from '../../../test/told.ts';
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
  const refused = (texts: Record<string, string>): Promise<string> =>
    told(Object.fromEntries(Object.entries(texts).map(([what, text]) => [what, () => read(text)])), folder);

  test('cells', async () => {
    const changes: Record<string, string>[] = [
      { x1: '-0.1' },
      { y2: '1.01' },
      { x2: '' },
      { y1: '0,5' },
      { x2: '0.25' },
      { y1: '0.75' },
      { URL: '' },
      { URL: 'a.jpg' },
      { URL: 'file:///a' },
      { URL: 'http://me:word@example.org/' },
      { ImageId: '../a' },
      { ImageId: '' },
      { TrueLabel: '1001' },
      { TargetClass: '3' },
    ];
    const texts = changes.map((change) => [JSON.stringify(change), `${header}\n${row(change)}\n`]);
    expect(await refused(Object.fromEntries(texts))).toMatchInlineSnapshot(`
      "{"x1":"-0.1"}: CSV_INVALID ./x.csv, line 2, column x1: The edge "-0.1" is not a number from 0 to 1. | Edges of the box are fractions of the image's width and height.
      {"y2":"1.01"}: CSV_INVALID ./x.csv, line 2, column y2: The edge "1.01" is not a number from 0 to 1. | Edges of the box are fractions of the image's width and height.
      {"x2":""}: CSV_INVALID ./x.csv, line 2, column x2: The edge "" is not a number from 0 to 1. | Edges of the box are fractions of the image's width and height.
      {"y1":"0,5"}: CSV_INVALID ./x.csv, line 2: The row has 13 cells, the header 12. | Give every row one cell per column.
      {"x2":"0.25"}: CSV_INVALID ./x.csv, line 2, column x2: The right edge 0.25 of the box is not beyond its left one, 0.25. | Give x1 < x2.
      {"y1":"0.75"}: CSV_INVALID ./x.csv, line 2, column y2: The lower edge 0.5 of the box is not beyond its upper one, 0.75. | Give y1 < y2.
      {"URL":""}: CSV_INVALID ./x.csv, line 2, column URL: The row has no URL. | Give an address that begins with http:// or https://.
      {"URL":"a.jpg"}: CSV_INVALID ./x.csv, line 2, column URL: "a.jpg" is no URL. | Give an address that begins with http:// or https://.
      {"URL":"file:///a"}: CSV_INVALID ./x.csv, line 2, column URL: "file:///a" is not on the web. | Give an address that begins with http:// or https://.
      {"URL":"http://me:word@example.org/"}: CSV_INVALID ./x.csv, line 2, column URL: The URL holds a user name or password. | Take it out: what stands before the @ in the address.
      {"ImageId":"../a"}: CSV_INVALID ./x.csv, line 2, column ImageId: The id "../a" cannot be the name of a file. | Use letters, digits, _, - and dots.
      {"ImageId":""}: CSV_INVALID ./x.csv, line 2: The row has no id. | Give each sample one row with an id of its own.
      {"TrueLabel":"1001"}: LABEL_RANGE ./x.csv, line 2: The TrueLabel 1001 is not in 1 to 1000. | Correct the label, or the offset (what the first class is called) or number of classes.
      {"TargetClass":"3"}: TARGET_IS_LABEL ./x.csv, line 2: The target class is the true class. | Give another target: an image cannot be pushed to where it is."
    `);
  });

  test('the same id twice, another header, no rows', async () => {
    expect(
      await refused({
        'an id twice': `${header}\n${good}\n${good}\n`,
        'another header': 'id,label\na,3\n',
        'no rows': `${header}\n`,
      }),
    ).toMatchInlineSnapshot(`
      "an id twice: DUPLICATE_ID ./x.csv, line 3: The id "a" stands at ./x.csv, line 2 already. | Give each sample one row with an id of its own.
      another header: CSV_INVALID ./x.csv, line 1: The first line is not the competition's header. | Write it as ImageId,URL,x1,y1,x2,y2,TrueLabel,TargetClass,OriginalLandingURL,License,Author,AuthorProfileURL.
      no rows: CSV_INVALID ./x.csv: The file has no rows. | Give one row per image."
    `);
  });
});

test('an address of either protocol of the web is taken', async () => {
  for (const protocol of ['http', 'https']) {
    const { rows } = await read(`${header}\n${good.replace('http:', `${protocol}:`)}\n`);
    expect(rows.map(({ url }) => url)).toEqual([`${protocol}://example.org/a.jpg`]);
  }
});
