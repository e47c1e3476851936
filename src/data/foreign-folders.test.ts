import path from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { smallPng as png, type Scratch, scratch } from '../../test/data-files.ts';
import { told } from '../../test/told.ts';
import { decodePng, loadDataset } from './index.ts';

/** Folders as other programs and systems leave them. */

let world: Scratch;
beforeAll(async () => {
  world = await scratch();
});
afterAll(() => world.remove());

const header =
  'ImageId,URL,x1,y1,x2,y2,TrueLabel,TargetClass,OriginalLandingURL,License,Author,AuthorProfileURL';

test('files whose name begins with a dot are passed over, whatever they hold', async () => {
  const images = await world.folder({
    '._a.png': 'resource fork',
    '._b.jpg': 'resource fork',
    'a.png': await png(1),
    'labels.csv': 'id,label\na,1\n',
  });
  expect(await loadDataset({ images })).toMatchObject({ ids: ['a'], labels: Int32Array.of(1) });
});

test.for([
  [
    'quoted',
    header
      .split(',')
      .map((name) => `"${name}"`)
      .join(),
  ],
  ['with spaces', header.replaceAll(',', ', ')],
  ['after a byte-order mark', `\ufeff${header}`],
] as const)("the competition's header, %s", async ([, written]) => {
  const images = await world.folder({
    'a.png': await png(1),
    'images.csv': `${written}\na,u,0,0,1,1,5,9,u,l,x,u\n`,
    'notes.csv': '"never closed\n1,2\n',
  });
  const found = { ids: ['a'], labels: Int32Array.of(4), targets: Int32Array.of(8), labelOffset: 1 };
  expect(await loadDataset({ images })).toMatchObject(found);
  expect(await loadDataset({ images, labels: path.join(images, 'images.csv') })).toMatchObject(found);
});

test('ids that keep the ending are told from such that are not there', async () => {
  const images = await world.folder({
    'a.png': await png(1),
    'b.PNG': await png(2),
    'labels.csv': 'id,label\na.png,0\nb.PNG,1\n',
  });
  expect(await world.caught(loadDataset({ images }))).toBe(
    'LABEL_MISSING F/labels.csv, line 2: No label for "a", "b". Write "a" instead of "a.png": an id is the name of the file without .png.',
  );
});

test('an accent is the same letter however it is written', async () => {
  const [composed, apart] = ['caf\u00e9', 'cafe\u0301'];
  const images = await world.folder({
    [`${apart}.png`]: await png(1),
    'labels.csv': `id,label\n${composed},1\n`,
  });
  expect(await loadDataset({ images })).toMatchObject({ ids: [composed], labels: Int32Array.of(1) });
  const classes = await world.folder({
    [`${apart}/x.png`]: await png(1),
    'the/x.png': await png(2),
    'classes.txt': `the\n${composed}\n`,
  });
  expect(await loadDataset({ images: classes })).toMatchObject({
    ids: ['the/x', `${composed}/x`],
    labels: Int32Array.of(0, 1),
  });
});

test('a limit does not change the images that it keeps: grey ones beside RGB ones further on', async () => {
  const images = await world.folder({
    'a/1.png': await png(1, 1),
    'a/2.png': await png(2, 3),
    'b/1.png': await png(3, 1),
  });
  const [all, two] = [await loadDataset({ images }), await loadDataset({ images, limit: 2 })];
  expect(two.ids).toEqual(['a/1', 'b/1']);
  expect(two.images.shape).toEqual([2, 3, 2, 3]);
  expect(two.images.data).toEqual(all.images.data.subarray(0, 36));
});

test('an image of more pixels than the decoder takes is too large, not damaged', async () => {
  const bytes = await png(1, 1);
  const [side, large] = [17_000, new Uint8Array(bytes)];
  const ihdr = new DataView(large.buffer);
  ihdr.setUint32(16, side);
  ihdr.setUint32(20, side);
  ihdr.setUint32(29, crc32(large.subarray(12, 29)));
  expect(await told({ '17,000 x 17,000': () => decodePng(large, 'a.png') })).toMatchInlineSnapshot(
    `"17,000 x 17,000: IMAGE_SIZE a.png: The image has more than 268 million pixels. | Give a smaller one: cut it, or scale it down."`,
  );
});
