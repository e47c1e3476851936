import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Scratch, scratch } from '../../../test/data-files.ts';
import { loadCifar, loadDataset } from '../index.ts';

let world: Scratch;

beforeAll(async () => {
  world = await scratch();
});

afterAll(() => world.remove());

/** Labels, then 1024 reds, 1024 greens and 1024 blues of three levels. */
function record(labels: number[], red: number): number[] {
  return [
    ...labels,
    ...[red, red + 1, red + 2].flatMap((level) => Array.from({ length: 1024 }, () => level)),
  ];
}

function file(...records: number[][]): Uint8Array {
  return Uint8Array.from(records.flat());
}

const ten = 'airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n';
const train = Object.fromEntries(
  [1, 2, 3, 4, 5].map((i) => [`data_batch_${i}.bin`, file(record([i], 10 * i), record([9 - i], 10 * i + 5))]),
);

describe('CIFAR', () => {
  test('CIFAR-10: the test part, the five batches in order, one file', async () => {
    const folder = await world.folder({
      ...train,
      'test_batch.bin': file(record([3], 100), record([8], 200)),
      'batches.meta.txt': ten,
      'readme.html': '',
    });
    const dataset = await loadDataset({ images: folder });
    expect({ ...dataset, images: dataset.images.shape, classNames: dataset.classNames?.[9] }).toEqual({
      name: `${path.basename(folder)} test`,
      ids: ['0', '1'],
      images: [2, 3, 32, 32],
      labels: Int32Array.of(3, 8),
      targets: undefined,
      labelOffset: 0,
      classes: 10,
      classNames: 'truck',
    });
    const at = (i: number) => dataset.images.data[i];
    expect([at(0), at(1023), at(1024), at(2048), at(3071), at(3072), at(6143)]).toEqual([
      100, 100, 101, 102, 102, 200, 202,
    ]);
    const all = await loadDataset({ images: folder, part: 'train', limit: 9 });
    expect([all.ids.at(-1), all.labels]).toEqual(['8', Int32Array.of(1, 8, 2, 7, 3, 6, 4, 5, 5)]);
    expect([all.images.shape, all.images.data[8 * 3072]]).toEqual([[9, 3, 32, 32], 50]);
    const one = await loadDataset({ images: path.join(folder, 'data_batch_4.bin') });
    expect([one.name, one.labels, one.classNames?.[0]]).toEqual([
      'data_batch_4',
      Int32Array.of(4, 5),
      'airplane',
    ]);
  });

  test('CIFAR-100: fine labels, the coarse ones on request; targets', async () => {
    const folder = await world.folder({
      'train.bin': file(record([19, 99], 1), record([0, 50], 2)),
      'coarse_label_names.txt': Array.from({ length: 20 }, (_, i) => `group ${i}\r\n`).join(''),
      'targets.csv': 'id,target\n0,5\n1,6\n',
    });
    const fine = await loadDataset({ images: folder, targets: path.join(folder, 'targets.csv') });
    expect([fine.name, fine.labels, fine.targets, fine.classes, fine.classNames]).toEqual([
      `${path.basename(folder)} train`,
      Int32Array.of(99, 50),
      Int32Array.of(5, 6),
      100,
      undefined,
    ]);
    expect([fine.images.data[0], fine.images.data[3071], fine.images.data[3072]]).toEqual([1, 3, 2]);
    const coarse = await loadDataset({ images: folder, coarse: true });
    expect([coarse.labels, coarse.classes, coarse.classNames?.[19]]).toEqual([
      Int32Array.of(19, 0),
      20,
      'group 19',
    ]);
  });

  test('errors name the file, the record and the byte', async () => {
    const good = file(record([1], 0), record([2], 0));
    const load = async (files: Record<string, Uint8Array | string>, options = {}, name = '') =>
      world.caught(loadDataset({ images: path.join(await world.folder(files), name), ...options }));
    const { 'data_batch_3.bin': _, ...four } = train;
    expect([
      await load({ 'test_batch.bin': good.subarray(0, -1) }),
      await load({ 'test.bin': good }),
      await load({ 'test_batch.bin': good.with(3073, 10) }),
      await load({ ...train, 'data_batch_5.bin': good.with(0, 255) }, { part: 'train' }),
      await load({ 'test.bin': file(record([19, 100], 0)) }),
      await load({ 'test.bin': file(record([20, 99], 0)) }),
      await load({ 'test_batch.bin': '' }),
      await load(four),
      await load({ 'test_batch.bin': good }, { part: 'train' }),
      await load({ 'test_batch.bin': good, 'batches.meta.txt': ten.replace('truck\n', '') }),
      await load({ 'test_batch.bin': good, 'test.bin': good }),
      await load({ 'test_batch.bin': good }, { coarse: true }),
      await load({ 'test_batch.bin': good }, { size: 16 }),
      await load({ 'test_batch.bin': good }, { offset: 1 }),
      await load({ 'test.bin': file(record([1, 2], 0)) }, { classes: 10 }),
      await load({ 'test_batch.bin': good, 'l.csv': 'id,label\n0,1\n1,2' }, { labels: 'l.csv' }),
      await load({ 'renamed.bin': good }, {}, 'renamed.bin'),
      await load({}, {}, 'test.bin'),
      await world.caught(
        loadCifar(path.join(await world.folder({ 'test.bin': good }), 'test.bin'), { part: 'test' }),
      ),
    ]).toMatchInlineSnapshot(`
      [
        "CIFAR_INVALID F/test_batch.bin, byte 3073: The file has 6145 bytes, no whole number of records of 3073. Unpack it again: it is cut off, or another kind.",
        "CIFAR_INVALID F/test.bin, byte 3074: The file has 6146 bytes, no whole number of records of 3074. Unpack it again: it is cut off, or another kind.",
        "LABEL_RANGE F/test_batch.bin, record 1, byte 3073: The label 10 is not in 0 to 9. Unpack it again: it is damaged, or another kind of file.",
        "LABEL_RANGE F/data_batch_5.bin, record 0, byte 0: The label 255 is not in 0 to 9. Unpack it again: it is damaged, or another kind of file.",
        "LABEL_RANGE F/test.bin, record 0, byte 1: The label 100 is not in 0 to 99. Unpack it again: it is damaged, or another kind of file.",
        "LABEL_RANGE F/test.bin, record 0, byte 0: The label 20 is not in 0 to 19. Unpack it again: it is damaged, or another kind of file.",
        "NO_IMAGES F/test_batch.bin: The file is empty. Unpack it again.",
        "FILE_MISSING F/data_batch_3.bin: A file of the train part of CIFAR-10 is missing. Unpack the archive again, or name one of its files instead of the folder.",
        "FILE_MISSING F/data_batch_1.bin: A file of the train part of CIFAR-10 is missing. Unpack the archive again, or name one of its files instead of the folder.",
        "CLASS_LIST F/batches.meta.txt: The list names 9 classes, not 10. Unpack it again, or take it away.",
        "DATASET_AMBIGUOUS F: The folder holds files of CIFAR-10 and of CIFAR-100. Give each a folder of its own.",
        "OPTION_CONFLICT F: The option coarse means nothing for CIFAR-10. Leave out coarse.",
        "OPTION_CONFLICT F: The option size means nothing for CIFAR-10. Leave out size.",
        "OPTION_CONFLICT F: CIFAR-10 has 10 labels from 0. Leave out offset and classes; labels.offset in the sidecar of a model for it is 0.",
        "OPTION_CONFLICT F: CIFAR-100 has 100 labels from 0. Leave out offset and classes; labels.offset in the sidecar of a model for it is 0.",
        "OPTION_CONFLICT l.csv: The files of CIFAR hold the labels already. Leave out the labels, or name the folder that holds the images themselves.",
        "DATASET_UNKNOWN F/renamed.bin: By its name the file is none of CIFAR-10 or CIFAR-100. Name it as in the archive: data_batch_1.bin to data_batch_5.bin, test_batch.bin, train.bin, test.bin.",
        "FILE_MISSING F/test.bin: There is no such file or folder. Check the path; relative ones start at the working folder.",
        "OPTION_CONFLICT F/test.bin: The option part means nothing for a file of images. Leave out part.",
      ]
    `);
  });
});
