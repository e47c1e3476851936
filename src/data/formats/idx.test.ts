import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Scratch, scratch } from '../../../test/data-files.ts';
import { loadDataset, loadIdx } from '../index.ts';

let world: Scratch;

beforeAll(async () => {
  world = await scratch();
});

afterAll(() => world.remove());

/** Three images of height 2 and width 3, the header written byte by byte. */
const header = [0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 3];
const levels = Array.from({ length: 18 }, (_, i) => 10 * i);
const images = Uint8Array.from([...header, ...levels]);
const labels = Uint8Array.from([0, 0, 8, 1, 0, 0, 0, 3, 7, 0, 9]);
const other = Uint8Array.from([0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 3]);

describe('idx files', () => {
  test('a folder of MNIST: the test part, unless the train part is asked for', async () => {
    const folder = await world.folder({
      't10k-images-idx3-ubyte.gz': gzipSync(images),
      't10k-labels-idx1-ubyte.gz': gzipSync(labels),
      'train-images.idx3-ubyte': images,
      'train-labels.idx1-ubyte': other,
      // The unpacked file is taken.
      'train-images.idx3-ubyte.gz': 'not looked at',
      'notes.txt': '',
    });
    const dataset = await loadDataset({ images: folder });
    expect({ ...dataset, images: dataset.images.shape }).toEqual({
      name: `${path.basename(folder)} test`,
      ids: ['0', '1', '2'],
      images: [3, 1, 2, 3],
      labels: Int32Array.of(7, 0, 9),
      targets: undefined,
      labelOffset: 0,
      classes: 10,
    });
    expect(dataset.images.dtype).toBe('uint8');
    expect([...dataset.images.data]).toEqual(levels);
    const train = await loadDataset({ images: folder, part: 'train', limit: 2 });
    expect([train.name, train.ids, train.labels, train.images.shape]).toEqual([
      `${path.basename(folder)} train`,
      ['0', '1'],
      Int32Array.of(1, 2),
      [2, 1, 2, 3],
    ]);
    expect([...train.images.data]).toEqual(levels.slice(0, 12));
  });

  test('a folder of the train part alone; a file with its labels beside it; two files', async () => {
    const folder = await world.folder({
      'train-images-idx3-ubyte': images,
      'train-labels-idx1-ubyte.gz': gzipSync(other),
      'letters-images-idx3-ubyte.gz': gzipSync(images),
      'letters-labels-idx1-ubyte': Uint8Array.from([...labels.subarray(0, 8), 1, 26, 3]),
      'alone.idx': images,
      'targets.csv': 'id,target\n2,0\n1,5\n0,1',
    });
    expect((await loadDataset({ images: folder })).labels).toEqual(Int32Array.of(1, 2, 3));
    const at = (name: string) => path.join(folder, name);
    // Letters count from 1, and their number is not in the file.
    const letters = await loadDataset({ images: at('letters-images-idx3-ubyte.gz'), offset: 1 });
    expect([letters.name, letters.labels, letters.classes]).toEqual([
      'letters-images-idx3-ubyte',
      Int32Array.of(0, 25, 2),
      undefined,
    ]);
    const two = await loadDataset({ images: at('alone.idx'), labels: at('train-labels-idx1-ubyte.gz') });
    expect([two.labels, two.classes]).toEqual([Int32Array.of(1, 2, 3), undefined]);
    const alone = await loadDataset({ images: at('alone.idx'), targets: at('targets.csv') });
    expect([alone.labels, alone.targets]).toEqual([undefined, Int32Array.of(1, 5, 0)]);
  });

  test('a lying header, a cut or damaged file: the file and the byte', async () => {
    const wrong = async (bytes: Uint8Array, role = 'images-idx3') =>
      world.caught(
        loadDataset({
          images: await world.folder({
            't10k-images-idx3-ubyte': images,
            't10k-labels-idx1-ubyte': labels,
            [`t10k-${role}-ubyte`]: bytes,
          }),
        }),
      );
    const changed = (at: number, value: number, of = images) => of.with(at, value);
    const packed = gzipSync(images);
    expect([
      await wrong(changed(7, 4)),
      await wrong(changed(7, 2)),
      await wrong(changed(4, 255)),
      await wrong(images.subarray(0, -1)),
      await wrong(images.subarray(0, 15)),
      await wrong(images.subarray(0, 3)),
      await wrong(new Uint8Array(0)),
      await wrong(changed(0, 0x89)),
      await wrong(changed(2, 13)),
      await wrong(changed(2, 7)),
      await wrong(changed(3, 0)),
      await wrong(labels),
      await wrong(Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 3])),
      await wrong(packed.subarray(0, -9)),
      await wrong(packed.subarray(0, -1)),
      await wrong(packed.with(packed.length - 6, (packed.at(-6) as number) ^ 1)),
      await wrong(images, 'labels-idx1'),
      await wrong(other.with(7, 2).subarray(0, -1), 'labels-idx1'),
      await wrong(labels.with(9, 10), 'labels-idx1'),
    ]).toMatchInlineSnapshot(`
      [
        "IDX_INVALID F/t10k-images-idx3-ubyte, byte 4: The header announces 4 x 2 x 3 = 24 values, but 18 follow it. Get the file again; images and labels are idx files of unsigned bytes.",
        "IDX_INVALID F/t10k-images-idx3-ubyte, byte 4: The header announces 2 x 2 x 3 = 12 values, but more follow it. Get the file again; images and labels are idx files of unsigned bytes.",
        "IDX_INVALID F/t10k-images-idx3-ubyte, byte 4: The header announces 4278190083 x 2 x 3 = 25669140498 values, but 18 follow it. Get the file again; images and labels are idx files of unsigned bytes.",
        "IDX_INVALID F/t10k-images-idx3-ubyte, byte 4: The header announces 3 x 2 x 3 = 18 values, but 17 follow it. Get the file again; images and labels are idx files of unsigned bytes.",
        "IDX_INVALID F/t10k-images-idx3-ubyte, byte 15: The file ends within its header. Get the file again; images and labels are idx files of unsigned bytes.",
        "IDX_INVALID F/t10k-images-idx3-ubyte, byte 3: The file ends within its header. Get the file again; images and labels are idx files of unsigned bytes.",
        "IDX_INVALID F/t10k-images-idx3-ubyte, byte 0: An idx file begins with two zero bytes, this one with nothing. Get the file again; images and labels are idx files of unsigned bytes.",
        "IDX_INVALID F/t10k-images-idx3-ubyte, byte 0: An idx file begins with two zero bytes, this one with 89 00. Get the file again; images and labels are idx files of unsigned bytes.",
        "IDX_INVALID F/t10k-images-idx3-ubyte, byte 2: The values are of type 0d (float32), not 08 (unsigned bytes). Get the file again; images and labels are idx files of unsigned bytes.",
        "IDX_INVALID F/t10k-images-idx3-ubyte, byte 2: The values are of type 07 (no type of the format), not 08 (unsigned bytes). Get the file again; images and labels are idx files of unsigned bytes.",
        "IDX_INVALID F/t10k-images-idx3-ubyte, byte 3: The header announces no axes. Get the file again; images and labels are idx files of unsigned bytes.",
        "IDX_INVALID F/t10k-images-idx3-ubyte, byte 3: Images have 3 axes, this file has 1. Name the file of images, such as train-images-idx3-ubyte; labels are a file of their own.",
        "NO_IMAGES F/t10k-images-idx3-ubyte: The file holds no images. Get the file again.",
        "IDX_INVALID F/t10k-images-idx3-ubyte: The gzip file is cut off or damaged. Get the file again.",
        "IDX_INVALID F/t10k-images-idx3-ubyte: The gzip file is cut off or damaged. Get the file again.",
        "IDX_INVALID F/t10k-images-idx3-ubyte: The gzip file is cut off or damaged. Get the file again.",
        "LABEL_INVALID F/t10k-labels-idx1-ubyte: The array is uint8 [3, 2, 3]. Save labels as whole numbers of shape [N], type int64, int32 or uint8.",
        "LABEL_MISSING F/t10k-labels-idx1-ubyte: 2 labels for 3 images. Save one label per image, in the order of the images.",
        "LABEL_RANGE F/t10k-labels-idx1-ubyte, row 1: The label 10 is not in 0 to 9. Correct the label, or the offset (what the first class is called) or number of classes.",
      ]
    `);
  });

  test('of a file that unpacks to more than it announces, the rest is not unpacked', async () => {
    const bomb = new Uint8Array(2 ** 24);
    bomb.set(images.subarray(0, 16));
    const packed = gzipSync(bomb);
    // Whoever unpacks it to the end finds this first.
    packed.writeUint32LE(0, packed.length - 8);
    const files = { 't10k-images-idx3-ubyte': packed, 't10k-labels-idx1-ubyte': labels };
    expect(await world.caught(loadIdx(await world.folder(files)))).toContain(
      'The header announces 3 x 2 x 3 = 18 values, but more follow it.',
    );
  });

  test('missing files and options of other formats', async () => {
    const load = async (files: Record<string, Uint8Array>, options = {}, name = '') =>
      world.caught(loadIdx(path.join(await world.folder(files), name), undefined, options));
    const both = { 't10k-images-idx3-ubyte': images, 't10k-labels-idx1-ubyte': labels };
    expect([
      await load({ 't10k-images-idx3-ubyte': images }),
      await load({ 't10k-labels-idx1-ubyte': labels }),
      await load(both, { part: 'train' }),
      await load({ 'x-images-idx3-ubyte': images }),
      await load({ 'a.idx': images }, {}, 'b.idx'),
      await load(both, { size: 8 }),
      await load(both, { coarse: true }),
      await load(both, { part: 'test' }, 't10k-images-idx3-ubyte'),
    ]).toMatchInlineSnapshot(`
      [
        "FILE_MISSING F/t10k-labels-idx1-ubyte: The images are there, their labels are not. Get the file (.gz or unpacked), or name the file of images itself.",
        "FILE_MISSING F/t10k-images-idx3-ubyte: The labels are there, the images are not. Get the file (.gz or unpacked), or name the file of images itself.",
        "FILE_MISSING F/train-images-idx3-ubyte: The folder has no such file of MNIST's names. Get the file (.gz or unpacked), or name the file of images itself.",
        "FILE_MISSING F/train-images-idx3-ubyte: The folder has no such file of MNIST's names. Get the file (.gz or unpacked), or name the file of images itself.",
        "FILE_MISSING F/b.idx: There is no such file or folder. Check the path; relative ones start at the working folder.",
        "OPTION_CONFLICT F: The option size means nothing for idx files. Leave out size.",
        "OPTION_CONFLICT F: The option coarse means nothing for idx files. Leave out coarse.",
        "OPTION_CONFLICT F/t10k-images-idx3-ubyte: The option part means nothing for a file of images. Leave out part.",
      ]
    `);
  });
});
