import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { inflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { smallPng as png, type Scratch, scratch } from '../../test/data-files.ts';
import { readFileSync, sha256 } from '../runtime/index.ts';
import { type AnyTensor, int64, type Tensor, tensor, writeNpy } from '../tensor/index.ts';
import { loadCompetition, loadDataset, loadFolder, loadNpyBatch, pixels } from './index.ts';

let world: Scratch;
const folder: Scratch['folder'] = (files) => world.folder(files);
const caught: Scratch['caught'] = (promise) => world.caught(promise);

beforeAll(async () => {
  world = await scratch();
});

afterAll(() => world.remove());

function floats(values: ArrayLike<number>, shape: number[]): Tensor {
  return tensor(Float32Array.from(values), shape);
}

const header =
  'ImageId,URL,x1,y1,x2,y2,TrueLabel,TargetClass,OriginalLandingURL,License,Author,AuthorProfileURL';

function competitionRow(id: string, label: string, target: string, author = 'A'): string {
  return `${id},u,0,0,1,1,${label},${target},u,l,${author},u`;
}

describe('folders', () => {
  test('images by sorted name, labels and targets by id, classes from 0', async () => {
    const path = await folder({
      'b.png': await png(10),
      'a.PNG': await png(20),
      'c.png': await png(30),
      'labels.csv': '\ufeffid,target,label\r\n"c",3,1\r\na,1,2\r\n\r\nb,2,5\r\n',
      'notes.csv': 'free text, with "no\n\ntable',
      'notes.txt': '',
    });
    const dataset = await loadDataset({ images: path, offset: 1, classes: 5 });
    expect({ ...dataset, images: dataset.images.shape }).toEqual({
      name: basename(path),
      ids: ['a', 'b', 'c'],
      images: [3, 3, 2, 3],
      labels: Int32Array.of(1, 4, 0),
      targets: Int32Array.of(0, 1, 2),
      labelOffset: 1,
      classes: 5,
    });
    // Channels first: 20, 23, ... are the reds of the first image.
    expect(Array.from(dataset.images.data.subarray(0, 7))).toEqual([20, 23, 26, 29, 32, 35, 21]);
    expect(pixels(dataset).data[0]).toBe(Math.fround(20 / 255));
    const two = await loadFolder(path, join(path, 'labels.csv'), { limit: 2, offset: 1 });
    expect([two.ids, two.images.shape, two.labels]).toEqual([['a', 'b'], [2, 3, 2, 3], Int32Array.of(1, 4)]);
    expect(two.images.data).toEqual(dataset.images.data.subarray(0, 36));
  });

  test('without labels; with arrays of labels and targets; grey images', async () => {
    const path = await folder({ 'x.png': await png(1, 1), 'y.png': await png(2, 1) });
    const plain = await loadDataset({ images: path });
    expect([plain.images.shape, plain.labels, plain.targets]).toEqual([[2, 1, 2, 3], undefined, undefined]);
    const beside = await folder({
      'labels.npy': writeNpy(int64([4, 7])),
      'targets.npy': writeNpy(tensor(Int32Array.of(7, 4), [2], 'int32')),
      'targets.csv': 'id,target\ny,1\nx,2',
    });
    const labels = join(beside, 'labels.npy');
    const arrays = await loadDataset({ images: path, labels, targets: join(beside, 'targets.npy') });
    expect([arrays.labels, arrays.targets]).toEqual([Int32Array.of(4, 7), Int32Array.of(7, 4)]);
    const mixed = await loadDataset({ images: path, labels, targets: join(beside, 'targets.csv') });
    expect(mixed.targets).toEqual(Int32Array.of(2, 1));
  });

  test('errors name file, row and remedy', async () => {
    const [a, b] = [await png(1), await png(2)];
    const csv = async (content: string, options = {}) => {
      const path = await folder({ 'a.png': a, 'b.png': b, 'labels.csv': content });
      return caught(loadDataset({ images: path, ...options }));
    };
    const images = async (files: Record<string, Uint8Array | string>) =>
      caught(loadDataset({ images: await folder(files) }));
    const arrays = await folder({
      'one.npy': writeNpy(int64([1])),
      'float.npy': writeNpy(floats([1, 2], [2])),
      'targets.csv': 'id,target\na,1\nb,2\n',
    });
    expect([
      await csv('id,label\na,1\n'),
      await csv('id,label\na,1\nb,2\nc,3\n'),
      await csv('id,label\na,1\nb,2\na,1\n'),
      await csv('id,label\na,1\nb,cat\n'),
      await csv('id,label\na,1\nb,\n'),
      await csv('id,label\na,1\nb,1.0\n'),
      await csv('id,label\na,1\nb,10\n', { classes: 10 }),
      await csv('id,label\na,1\nb,0\n', { offset: 1, classes: 10 }),
      await csv('id,label\na,1\nb,0\n', { offset: 1 }),
      await csv('id,label\na,1\nb,99999999999999999999\n', { offset: 1 }),
      await csv('id,label,target\na,1,2\nb,3,3\n'),
      await csv('id,label\na,1\nb,2\n', { targets: join(arrays, 'targets.csv') }),
      await csv('id,label\na,1\nb\n'),
      await csv('name,label\na,1\nb,1\n'),
      await csv('id,label,Target\na,1,2\nb,1,2\n'),
      await csv('id,label\n"a,1\nb,2\n'),
      await csv(''),
      await csv('', { labels: join(arrays, 'one.npy') }),
      await csv('', { labels: join(arrays, 'float.npy') }),
      await images({ 'a.png': a, 'b.png': await png(1, 3, 3, 2) }),
      await images({ 'a.png': a, 'b.png': await png(1, 1) }),
      await images({ 'a.png': a, 'b.jpg': 'x' }),
      await images({ 'a.png': a, 'a.PNG': b }),
      await images({ 'notes.txt': '' }),
      await images({ 'a.png': a, 'b.png': a.slice(0, -20) }),
      await images({ 'a.png': a, 'b.png': await sharp(Buffer.from(a)).ensureAlpha().png().toBuffer() }),
      await caught(loadDataset({ images: join(world.root, 'none') })),
    ]).toMatchInlineSnapshot(`
      [
        "LABEL_MISSING F: No label for "b". Add their rows, or take the images away.",
        "IMAGE_MISSING F/labels.csv, line 4: No image for "c". Add the images, or take the rows away; an id is the name of the file without .png.",
        "DUPLICATE_ID F/labels.csv, line 4: The id "a" stands at F/labels.csv, line 2 already. Give each sample one row with an id of its own.",
        "LABEL_INVALID F/labels.csv, line 3: The label "cat" is not a whole number. Give classes as numbers.",
        "LABEL_INVALID F/labels.csv, line 3: The label "" is not a whole number. Give classes as numbers.",
        "LABEL_INVALID F/labels.csv, line 3: The label "1.0" is not a whole number. Give classes as numbers.",
        "LABEL_RANGE F/labels.csv, line 3: The label 10 is not in 0 to 9. Correct the label, or the offset (what the first class is called) or number of classes.",
        "LABEL_RANGE F/labels.csv, line 3: The label 0 is not in 1 to 10. Correct the label, or the offset (what the first class is called) or number of classes.",
        "LABEL_RANGE F/labels.csv, line 3: The label 0 is not in 1 upwards. Correct the label, or the offset (what the first class is called) or number of classes.",
        "LABEL_RANGE F/labels.csv, line 3: The label 99999999999999999999 is more than labels may be: 2147483648. Correct the label.",
        "TARGET_IS_LABEL F/labels.csv, line 3: The target class is the true class. Give another target: an image cannot be pushed to where it is.",
        "TARGET_IS_LABEL F/targets.csv, line 2: The target class is the true class. Give another target: an image cannot be pushed to where it is.",
        "CSV_INVALID F/labels.csv, line 3: The row has 1 cells, the header 2. Give every row one cell per column.",
        "CSV_INVALID F/labels.csv: The header is "name,label". Name the columns id,label or id,label,target.",
        "CSV_INVALID F/labels.csv: The header is "id,label,Target". Name the columns id,label or id,label,target.",
        "CSV_INVALID F/labels.csv, line 3: Not a readable CSV file: a quote is opened and never closed. Save it as UTF-8 with commas, and quotes doubled within quotes.",
        "CSV_INVALID F/labels.csv: The header is "". Name the columns id,label or id,label,target.",
        "LABEL_MISSING F/one.npy: 1 labels for 2 images. Save one label per image, in the order of the images.",
        "LABEL_INVALID F/float.npy: The array is float32 [2]. Save labels as whole numbers of shape [N], type int64, int32 or uint8.",
        "IMAGE_SIZE F/b.png: The image is 2x3 RGB, but a.png is 3x2 RGB. Bring all images of a dataset to one size, or scale them: --size 2 (size: 2).",
        "IMAGE_SIZE F/b.png: The image is 3x2 grey, but a.png is 3x2 RGB. Bring all images of a dataset to grey or to RGB.",
        "IMAGE_FORMAT F/b.jpg: The folder holds images that are not PNG. Convert them to 8-bit RGB PNG, or move them away.",
        "DUPLICATE_ID F/a.png: Two files have the id "a". Rename one of them.",
        "NO_IMAGES F: The folder holds no PNG files. Name a folder of 8-bit RGB or grey PNG files.",
        "IMAGE_UNREADABLE F/b.png: The image is damaged or cut off. Copy or make the file again.",
        "IMAGE_FORMAT F/b.png: The file is an RGB PNG with transparency (alpha), not an 8-bit grey or RGB PNG. Convert it to an 8-bit grey or RGB PNG; how its levels change is then your choice.",
        "FILE_MISSING /none: There is no such file or folder. Check the path; relative ones start at the working folder.",
      ]
    `);
  });

  test.for([
    ['a byte-order mark', '\ufeffid,label\na,1\nb,2\n'],
    ['CRLF', 'id,label\r\na,1\r\nb,2\r\n'],
    ['CR alone', 'id,label\ra,1\rb,2\r'],
    ['mixed line endings', '\ufeffid,label\r\na,1\nb,"2"\r\n'],
    ['mixed the other way, no end', 'id,label\na,1\r\n\r\n"b",2'],
    ['quotes and spaces', '"id", "label"\n"a" , "1" \n b,2 \n'],
  ] as const)('a CSV with %s', async ([, content]) => {
    const path = await folder({ 'a.png': await png(1), 'b.png': await png(2), 'labels.csv': content });
    expect((await loadDataset({ images: path })).labels).toEqual(Int32Array.of(1, 2));
    const wrong = content.replace('2', 'x');
    const there = await folder({ 'a.png': await png(1), 'b.png': await png(2), 'labels.csv': wrong });
    const line = content.includes('\r\n\r\n') ? 4 : 3;
    expect(await caught(loadDataset({ images: there }))).toBe(
      `LABEL_INVALID F/labels.csv, line ${line}: The label "x" is not a whole number. Give classes as numbers.`,
    );
  });

  test('an id with a comma in quotes; a column twice; another encoding', async () => {
    const path = await folder({ 'a,b.png': await png(1), 'labels.csv': 'id,label\r\n"a,b",4\r\n' });
    const dataset = await loadDataset({ images: path });
    expect([dataset.ids, dataset.labels]).toEqual([['a,b'], Int32Array.of(4)]);
    const labels = async (content: string | Uint8Array) =>
      caught(loadDataset({ images: await folder({ 'a.png': await png(1), 'labels.csv': content }) }));
    expect([
      await labels('id,label\na,b,4\n'),
      await labels('id,label,label\na,1,2\n'),
      await labels(Buffer.from('id,label\na,1\n', 'utf16le')),
    ]).toMatchInlineSnapshot(`
      [
        "CSV_INVALID F/labels.csv, line 2: The row has 3 cells, the header 2. Give every row one cell per column.",
        "CSV_INVALID F/labels.csv: The header has the column "label" twice. Take one of them out.",
        "CSV_INVALID F/labels.csv: Not a readable CSV file: it holds zero bytes. Save it as UTF-8 with commas, and quotes doubled within quotes.",
      ]
    `);
  });

  test('a size scales PNG files too', async () => {
    const path = await folder({ 'a.png': await png(1), 'b.png': await png(2, 3, 4, 4) });
    expect((await loadDataset({ images: path, size: 2 })).images.shape).toEqual([2, 3, 2, 2]);
  });

  test('a limit is a whole number from 1', async () => {
    const path = await folder({ 'a.png': await png(1) });
    await expect(loadDataset({ images: path, limit: 0 })).rejects.toThrow(
      new RangeError('limit 0 is not a whole number from 1'),
    );
  });
});

describe('the competition', () => {
  test('in the order of its CSV, quoted commas and all', async () => {
    const path = await folder({
      'x.png': await png(1),
      'a.png': await png(2),
      'dev.csv': [header, competitionRow('x', '1000', '1', '"B, ""C"""'), competitionRow('a', '1', '2')].join(
        '\r\n',
      ),
      'other.csv': 'id,label\n',
    });
    const dataset = await loadDataset({ images: path });
    expect([dataset.ids, dataset.labels, dataset.targets, dataset.labelOffset, dataset.classes]).toEqual([
      ['x', 'a'],
      Int32Array.of(999, 0),
      Int32Array.of(0, 1),
      1,
      1000,
    ]);
    expect([dataset.images.data[0], dataset.images.data[18]]).toEqual([1, 2]);
    const one = await loadCompetition(path, join(path, 'dev.csv'), { limit: 1 });
    expect([one.ids, one.images.shape]).toEqual([['x'], [1, 3, 2, 3]]);
  });

  test('errors name file and row', async () => {
    const load = async (rows: string[], options = {}) => {
      const path = await folder({ 'x.png': await png(1), 'dev.csv': [header, ...rows].join('\n') });
      return caught(loadDataset({ images: path, ...options }));
    };
    const x = competitionRow('x', '3', '4');
    expect([
      await load([x, ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((id) => competitionRow(id, '1', '2'))]),
      await load([]),
      await load([competitionRow('x', '0', '4')]),
      await load([competitionRow('x', '4', '1001')]),
      await load([competitionRow('x', '4', '4')]),
      await load([competitionRow('', '4', '5')]),
      await load([x, x]),
      await load(['x,u,0']),
      await load([x], { offset: 0 }),
      await caught(loadCompetition(await folder({ 'x.png': await png(1), 'labels.csv': 'id,label\nx,1' }))),
      await caught(loadCompetition(await folder({ 'a.csv': header, 'b.csv': header }))),
    ]).toMatchInlineSnapshot(`
      [
        "IMAGE_MISSING F/dev.csv, line 3: No image for "a", "b", "c", "d", "e" and 2 more. Add the images, or take the rows away; an id is the name of the file without .png.",
        "LABEL_MISSING F: No label for "x". Add their rows, or take the images away.",
        "LABEL_RANGE F/dev.csv, line 2: The TrueLabel 0 is not in 1 to 1000. Correct the label, or the offset (what the first class is called) or number of classes.",
        "LABEL_RANGE F/dev.csv, line 2: The TargetClass 1001 is not in 1 to 1000. Correct the label, or the offset (what the first class is called) or number of classes.",
        "TARGET_IS_LABEL F/dev.csv, line 2: The target class is the true class. Give another target: an image cannot be pushed to where it is.",
        "CSV_INVALID F/dev.csv, line 2: The row has no id. Give each sample one row with an id of its own.",
        "DUPLICATE_ID F/dev.csv, line 3: The id "x" stands at F/dev.csv, line 2 already. Give each sample one row with an id of its own.",
        "CSV_INVALID F/dev.csv, line 2: The row has 3 cells, the header 12. Give every row one cell per column.",
        "OPTION_CONFLICT F/dev.csv: The competition's CSV has its own targets and 1000 labels from 1. Leave out targets, offset and classes.",
        "CSV_INVALID F/labels.csv: There is no CSV with the competition's header. Its first line is ImageId,URL,x1,y1,x2,y2,TrueLabel,TargetClass,OriginalLandingURL,License,Author,AuthorProfileURL.",
        "CSV_INVALID F: The folder holds 2 CSV files of the competition. Name the one to use.",
      ]
    `);
  });
});

describe('what a folder is', () => {
  test('folders of other things beside PNG files do not matter, folders of images do', async () => {
    const labels = 'id,label\na,1\n';
    const a = await png(1);
    const files = (more: Record<string, Uint8Array | string>) => folder({ 'a.png': a, ...more });
    const ids = async (path: string, options = {}) =>
      (await loadDataset({ images: path, ...options })).ids.join();
    expect(await ids(await files({ 'notes/x.txt': '' }))).toBe('a');
    expect(await ids(await files({ 'masks/a.png': a, 'labels.csv': labels }))).toBe('a');
    const apart = join(await folder({ 'l.csv': labels }), 'l.csv');
    expect(await ids(await files({ 'masks/a.png': a }), { labels: apart })).toBe('a');
    // The images of a CSV in a folder within are not the images of a class.
    const deep = { 'images/a.png': a, 'more/a.png': a };
    const load = async (more: Record<string, Uint8Array | string>) =>
      caught(loadDataset({ images: await folder(more) }));
    expect([
      await load({ ...deep, 'labels.csv': labels }),
      await load({ 'a.png': a, ...deep }),
      await load({ 'a.png': a, 'test.bin': '' }),
      await load({ 'train-images-idx3-ubyte': '', 'test.bin': '' }),
      await load({}),
    ]).toMatchInlineSnapshot(`
      [
        "NO_IMAGES F: The folder holds no PNG files. Name a folder of 8-bit RGB or grey PNG files.",
        "DATASET_AMBIGUOUS F: The folder holds "a.png" and "images": which is the dataset? Give each dataset a folder of its own, or name a file instead of the folder.",
        "DATASET_AMBIGUOUS F: The folder holds "a.png" and "test.bin": which is the dataset? Give each dataset a folder of its own, or name a file instead of the folder.",
        "DATASET_AMBIGUOUS F: The folder holds "train-images-idx3-ubyte" and "test.bin": which is the dataset? Give each dataset a folder of its own, or name a file instead of the folder.",
        "NO_IMAGES F: The folder holds no PNG files. Name a folder of 8-bit RGB or grey PNG files.",
      ]
    `);
  });
});

describe('batches', () => {
  const levels = Uint8Array.from({ length: 48 }, (_, i) => i);

  test('channels first, channels last, and first where both fit', async () => {
    const last = tensor(levels, [2, 4, 2, 3], 'uint8');
    const path = await folder({
      'first.npy': writeNpy(tensor(levels, [2, 3, 4, 2], 'uint8')),
      'last.npy': writeNpy(last),
      'both.npy': writeNpy(tensor(levels, [4, 3, 4, 1], 'uint8')),
      'labels.npy': writeNpy(tensor(Uint8Array.of(5, 6), [2], 'uint8')),
      'labels.csv': 'id,label\n1,8\n0,7\n',
    });
    const first = await loadDataset({ images: join(path, 'first.npy'), labels: join(path, 'labels.npy') });
    expect({ ...first, images: first.images.shape }).toEqual({
      name: 'first',
      ids: ['0', '1'],
      images: [2, 3, 4, 2],
      labels: Int32Array.of(5, 6),
      targets: undefined,
      labelOffset: 0,
      classes: undefined,
    });
    expect(first.images.data).toEqual(levels);
    const turned = await loadNpyBatch(join(path, 'last.npy'), join(path, 'labels.csv'));
    expect([turned.images.shape, turned.labels]).toEqual([[2, 3, 4, 2], Int32Array.of(7, 8)]);
    expect(Array.from(turned.images.data.subarray(20, 28))).toEqual([14, 17, 20, 23, 24, 27, 30, 33]);
    const both = await loadNpyBatch(join(path, 'both.npy'), undefined, { limit: 3 });
    expect([both.images.shape, both.ids]).toEqual([
      [3, 3, 4, 1],
      ['0', '1', '2'],
    ]);
  });

  test('float32 keeps its precision', async () => {
    const values = Array.from({ length: 12 }, (_, i) => i / 11);
    const path = await folder({ 'x.npy': writeNpy(floats(values, [1, 2, 2, 3])) });
    const dataset = await loadDataset({ images: join(path, 'x.npy') });
    expect(pixels(dataset)).toEqual({ dtype: 'float32', shape: [1, 3, 2, 2], data: dataset.images.data });
    expect(dataset.images.data[1]).toBe(Math.fround(3 / 11));
  });

  test('errors name file and row', async () => {
    const load = async (t: AnyTensor) =>
      caught(loadDataset({ images: join(await folder({ 'x.npy': writeNpy(t) }), 'x.npy') }));
    expect([
      await load(floats([0, 1, 0.5, 1.5], [2, 1, 1, 2])),
      await load(floats([0, 1, Number.NaN, 1], [2, 1, 1, 2])),
      await load(floats([0, -0.1, 0, 1], [2, 1, 1, 2])),
      await load(tensor(new Float64Array(2), [2, 1, 1, 1], 'float64')),
      await load(tensor(new Uint8Array(8), [2, 2, 2], 'uint8')),
      await load(tensor(new Uint8Array(16), [2, 2, 2, 2], 'uint8')),
      await load(tensor(new Uint8Array(0), [0, 3, 2, 2], 'uint8')),
      await caught(loadDataset({ images: join(await folder({ 'x.npy': 'text' }), 'x.npy') })),
    ]).toMatchInlineSnapshot(`
      [
        "PIXEL_RANGE F/x.npy, row 1: The value 1.5 is not in [0, 1]. Divide levels by 255, or save them as uint8.",
        "PIXEL_RANGE F/x.npy, row 1: The value NaN is not in [0, 1]. Divide levels by 255, or save them as uint8.",
        "PIXEL_RANGE F/x.npy, row 0: The value -0.10000000149011612 is not in [0, 1]. Divide levels by 255, or save them as uint8.",
        "IMAGE_FORMAT F/x.npy: The array is float64 [2, 1, 1, 1]. Save uint8, or float32 in [0,1], of shape [N, C, H, W] or [N, H, W, C].",
        "IMAGE_FORMAT F/x.npy: The array is uint8 [2, 2, 2]. Save uint8, or float32 in [0,1], of shape [N, C, H, W] or [N, H, W, C].",
        "IMAGE_FORMAT F/x.npy: No axis of [2, 2, 2, 2] is the channels. Save images of 1 or 3 channels, [N, C, H, W] or [N, H, W, C].",
        "NO_IMAGES F/x.npy: The array holds no images. Save at least one image.",
        "NPY_INVALID F/x.npy: Not a NumPy array file: it does not begin with \\x93NUMPY. Write it with numpy.save, or with writeNpy.",
      ]
    `);
  });
});

const shared = join(process.env['ADVARENA_SHARED'] ?? '../shared', 'data/nips2017-dev');

/** A second decoder, for 8-bit RGB: the format's five filters, nothing of the library's. */
function decodeByHand(file: Uint8Array): Uint8Array {
  const bytes = Buffer.from(file);
  const parts: Buffer[] = [];
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at))
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)));
  const stream = inflateSync(Buffer.concat(parts));
  const stride = bytes.readUInt32BE(16) * 3;
  const out = new Uint8Array((stream.length / (stride + 1)) * stride);
  for (let i = 0; i < out.length; i++) {
    const x = i % stride;
    const y = (i - x) / stride;
    const left = x < 3 ? 0 : (out[i - 3] as number);
    const up = out[i - stride] ?? 0;
    const corner = x < 3 ? 0 : (out[i - stride - 3] ?? 0);
    const guess = left + up - corner;
    const [p, q, r] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
    const paeth = p <= q && p <= r ? left : q <= r ? up : corner;
    const predicted = [0, left, up, (left + up) >> 1, paeth][stream[y * (stride + 1)] as number] as number;
    out[i] = (stream[y * (stride + 1) + 1 + x] as number) + predicted;
  }
  return out;
}

describe.skipIf(!existsSync(shared))('the development set (needs the shared data)', () => {
  test('100 images, labels and targets, every level as a second decoder finds it', async () => {
    const dataset = await loadDataset({ images: shared });
    expect([dataset.name, dataset.ids.length, dataset.images.shape]).toEqual([
      'nips2017-dev',
      100,
      [100, 3, 299, 299],
    ]);
    expect([dataset.ids[0], dataset.labels?.[0], dataset.targets?.[0]]).toEqual([
      '0c7ac4a8c9dfa802',
      305,
      778,
    ]);
    expect(new Set(dataset.labels).size).toBe(88);
    const area = 299 * 299;
    let wrong = 0;
    dataset.ids.slice(0, 20).forEach((id, n) => {
      const expected = decodeByHand(readFileSync(join(shared, `${id}.png`)));
      for (let i = 0; i < area; i++)
        for (let c = 0; c < 3; c++)
          if (dataset.images.data[(n * 3 + c) * area + i] !== expected[i * 3 + c]) wrong++;
    });
    expect(wrong).toBe(0);
    expect(sha256(dataset.images.data as Uint8Array)).toMatchInlineSnapshot(
      `"0e21ec41239b0f4b36c5e71994886cedd1e7345515419e5ab418489676af6520"`,
    );
  });
});
