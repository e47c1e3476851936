import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { smallPng as png, type Scratch, scratch } from '../../../test/data-files.ts';
import { decodeJpeg, encodeJpeg, encodePng, loadClassFolder, loadDataset } from '../index.ts';

let world: Scratch;

beforeAll(async () => {
  world = await scratch();
});

afterAll(() => world.remove());

/** A photograph of three bands side by side, red, green and blue. */
function bands(height: number, width: number) {
  const data = new Uint8Array(height * width * 3);
  for (let i = 0; i < height * width; i++) data[3 * i + Math.floor((3 * (i % width)) / width)] = 255;
  return { height, width, channels: 3, data };
}

describe('class folders', () => {
  test('classes by sorted name, images in turns, PNG and JPEG, grey beside RGB', async () => {
    const jpeg = await encodeJpeg({ ...bands(2, 3), height: 2, width: 3 }, 95, '4:4:4');
    const folder = await world.folder({
      'dog/b.png': await png(1, 1),
      'dog/a.JPEG': jpeg,
      'cat/2.png': await png(40),
      'cat/1.png': await png(20, 1),
      'cat/.hidden': '',
      'Zebra/x.png': await png(60),
      // By its content, as one of ImageNet's own needs.
      'dog/c.jpg': await png(80),
      'README.txt': '',
    });
    const dataset = await loadDataset({ images: folder });
    expect({ ...dataset, images: dataset.images.shape }).toEqual({
      name: path.basename(folder),
      ids: ['Zebra/x', 'cat/1', 'dog/a', 'cat/2', 'dog/b', 'dog/c'],
      images: [6, 3, 2, 3],
      labels: Int32Array.of(0, 1, 2, 1, 2, 2),
      targets: undefined,
      labelOffset: 0,
      classes: 3,
      classNames: ['Zebra', 'cat', 'dog'],
    });
    const image = (i: number) => [...dataset.images.data.subarray(i * 18, (i + 1) * 18)];
    expect(image(0)).toEqual([60, 63, 66, 69, 72, 75, 61, 64, 67, 70, 73, 76, 62, 65, 68, 71, 74, 77]);
    const six = [20, 21, 22, 23, 24, 25];
    expect(image(1)).toEqual([...six, ...six, ...six]);
    const { data } = await decodeJpeg(jpeg);
    expect(image(2)).toEqual([0, 1, 2].flatMap((c) => [...data].filter((_, i) => i % 3 === c)));
    const two = await loadClassFolder(folder, undefined, { limit: 2 });
    expect([two.ids, two.labels, two.classes]).toEqual([['Zebra/x', 'cat/1'], Int32Array.of(0, 1), 3]);
    expect([...two.images.data]).toEqual([...image(0), ...image(1)]);
  });

  test('grey first and RGB after; all grey', async () => {
    const grey = { 'a/1.png': await png(1, 1), 'b/1.png': await png(2, 1) };
    expect((await loadDataset({ images: await world.folder(grey) })).images.shape).toEqual([2, 1, 2, 3]);
    const mixed = await world.folder({ ...grey, 'c/1.png': await png(3), 'c/2.png': await png(9, 1) });
    const { images } = await loadDataset({ images: mixed });
    expect(images.shape).toEqual([4, 3, 2, 3]);
    const firsts = [0, 6, 12, 18, 24, 30, 36, 42, 48, 54, 60, 66].map((i) => images.data[i]);
    expect(firsts).toEqual([1, 1, 1, 2, 2, 2, 3, 4, 5, 9, 9, 9]);
  });

  test('a list of classes gives their order and names', async () => {
    const files = { 'n00000002/x.png': await png(1), 'my cat/x.png': await png(2) };
    const list = '\ufeffn00000009 gone\r\n\r\nmy cat\r\nn00000002 tench, Tinca tinca\r\n';
    const beside = await world.folder({ ...files, 'classes.txt': list });
    const dataset = await loadDataset({ images: beside, offset: 1 });
    expect([dataset.ids, dataset.labels, dataset.classes, dataset.labelOffset, dataset.classNames]).toEqual([
      ['my cat/x', 'n00000002/x'],
      Int32Array.of(1, 2),
      3,
      1,
      ['gone', 'my cat', 'tench, Tinca tinca'],
    ]);
    const other = path.join(await world.folder({ 'order.txt': 'n00000002\nmy cat\n' }), 'order.txt');
    const targets = path.join(
      await world.folder({ 't.csv': 'id,target\nmy cat/x,0\nn00000002/x,1' }),
      't.csv',
    );
    const given = await loadDataset({ images: beside, labels: other, targets });
    expect([given.ids, given.labels, given.targets]).toEqual([
      ['n00000002/x', 'my cat/x'],
      Int32Array.of(0, 1),
      Int32Array.of(1, 0),
    ]);
  });

  test('a size keeps the middle of the shorter side, as sharp does it', async () => {
    const wide = await encodePng(bands(30, 90));
    const noise = Uint8Array.from({ length: 50 * 37 }, (_, i) => (i * 7919) % 251);
    const tall = await encodePng({ height: 50, width: 37, channels: 1, data: noise });
    const folder = await world.folder({ 'a/wide.png': wide, 'b/tall.png': tall, 'b/tiny.png': await png(7) });
    const { images } = await loadDataset({ images: folder, size: 10 });
    expect(images.shape).toEqual([3, 3, 10, 10]);
    // The middle third is green; the borders of the bands reach three pixels into it.
    const row = (c: number) => [...images.data.subarray(100 * c + 50, 100 * c + 60)].slice(3, 7);
    expect([row(0), row(1), row(2)]).toEqual(
      [0, 255, 0].map((level) => Array.from({ length: 4 }, () => level)),
    );
    const whole = await sharp(tall).resize(10, 14, { kernel: 'lanczos3', fit: 'fill' }).raw().toBuffer();
    const found = images.data.subarray(300, 400);
    expect(found).toEqual(images.data.subarray(400, 500));
    // Grey levels of the whole image scaled alone, its middle ten rows: 50 / 37 x 10 = 13.5 rows.
    const channels = whole.length / 140;
    const distance = (top: number) => {
      let sum = 0;
      for (let i = 0; i < 100; i++)
        sum += Math.abs((found[i] as number) - (whole[(top * 10 + i) * channels] as number));
      return sum / 100;
    };
    expect(distance(2)).toBeLessThan(1);
    expect(distance(0)).toBeGreaterThan(10);
    await expect(loadDataset({ images: folder, size: 0 })).rejects.toThrow(
      new RangeError('size 0 is not a whole number from 1'),
    );
  });

  test('the kernel is that of Lanczos with three lobes', async () => {
    const line = Array.from({ length: 40 }, (_, x) => 128 + Math.round(60 * Math.sin(x * x * 0.03)));
    const data = Uint8Array.from({ length: 40 * 40 }, (_, i) => line[i % 40] as number);
    const bytes = await encodePng({ height: 40, width: 40, channels: 1, data });
    const folder = await world.folder({ 'a/x.png': bytes, 'b/x.png': bytes });
    const { images } = await loadDataset({ images: folder, size: 20 });
    const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
    for (let x = 3; x < 17; x++) {
      const weights = line.map((_, i) => {
        const distance = (i + 0.5) / 2 - (x + 0.5);
        return Math.abs(distance) < 3 ? sinc(distance) * sinc(distance / 3) : 0;
      });
      const sum = weights.reduce((a, b) => a + b);
      const expected = weights.reduce((a, w, i) => a + w * (line[i] as number), 0) / sum;
      expect(Math.abs((images.data[200 + x] as number) - expected)).toBeLessThan(1);
    }
  });

  test('errors name the file or folder', async () => {
    const [a, b] = [await png(1), await png(2)];
    const two = { 'cat/a.png': a, 'dog/a.png': b };
    const load = async (files: Record<string, Uint8Array | string>, options = {}) =>
      world.caught(loadDataset({ images: await world.folder(files), ...options }));
    const jpeg = await encodeJpeg(bands(16, 16), 90, '4:2:0');
    const lists = await world.folder({ 'one.txt': 'cat\n', 'twice.txt': 'cat\ndog\n\ncat\n', 'l.csv': '' });
    const palette = await sharp(Buffer.from(a)).png({ palette: true }).toBuffer();
    expect([
      await load({ ...two, 'owl/': '' }),
      await load({ ...two, 'owl/notes.txt': '' }),
      await load({ ...two, 'owl/a.png': a, 'owl/b.webp': '' }),
      await load({ 'val/cat/a.png': a, 'val/dog/a.png': a, 'train/cat/a.png': a }),
      await load({ ...two, 'stray.jpg': jpeg }),
      await load({ ...two, 'stray.png': a }),
      await load({ ...two, 'cat/a.jpg': jpeg }),
      await load({ ...two, 'dog/b.png': await png(1, 3, 3, 2) }),
      await load({ ...two, 'dog/b.png': a.subarray(0, -20) }),
      await load({ ...two, 'dog/b.jpg': jpeg.subarray(0, -200) }),
      await load({ ...two, 'dog/b.jpg': 'text' }),
      await load({ ...two, 'dog/b.png': palette }),
      await load({ 'cat/a.png': a }),
      await load({ ...two, 'classes.txt': 'cat\nfox\n' }),
      await load(two, { labels: path.join(lists, 'one.txt') }),
      await load(two, { labels: path.join(lists, 'twice.txt') }),
      await load(two, { labels: path.join(lists, 'none.txt') }),
      await load(two, { labels: path.join(lists, 'l.csv') }),
      await load(two, { classes: 3 }),
      await load(two, { part: 'test' }),
      await world.caught(loadClassFolder(await world.folder({ 'a.txt': '' }))),
    ]).toMatchInlineSnapshot(`
      [
        "CLASS_EMPTY F/owl: The folder of the class "owl" holds no images. Add its images, or take the folder away.",
        "STRAY_FILE F/owl/notes.txt: The file in the folder of a class is no PNG or JPEG file. Convert it if it is an image, or move it away.",
        "STRAY_FILE F/owl/b.webp: The file in the folder of a class is no PNG or JPEG file. Convert it if it is an image, or move it away.",
        "STRAY_FILE F/train/cat: There is a folder within the folder of a class. Name the folder right above those of the classes, or move this one away.",
        "STRAY_FILE F/stray.jpg: The image lies beside the folders of the classes, in none of them. Move it into the folder of its class, or away.",
        "DATASET_AMBIGUOUS F: The folder holds "stray.png" and "cat": which is the dataset? Give each dataset a folder of its own, or name a file instead of the folder.",
        "DUPLICATE_ID F/cat/a.png: Two files have the id "cat/a". Rename one of them.",
        "IMAGE_SIZE F/dog/b.png: The image is 2x3 RGB, but F/cat/a.png is 3x2 RGB. Bring all images of a dataset to one size, or scale them: --size 2 (size: 2).",
        "IMAGE_UNREADABLE F/dog/b.png: The image is damaged or cut off. Copy or make the file again.",
        "IMAGE_UNREADABLE F/dog/b.jpg: The image is damaged or cut off. Copy or make the file again.",
        "IMAGE_FORMAT F/dog/b.jpg: The file is no image, not a grey or RGB JPEG. Convert it to a grey or RGB JPEG; how its levels change is then your choice.",
        "IMAGE_FORMAT F/dog/b.png: The file is a PNG with a palette, not an 8-bit grey or RGB PNG. Convert it to an 8-bit grey or RGB PNG; how its levels change is then your choice.",
        "NO_IMAGES F: At least two folders of images are needed; the folder holds 1. Name the folder right above those of the classes, or give a list of all classes.",
        "CLASS_UNKNOWN F/dog: The list of classes does not name the folder "dog". Add it to F/classes.txt, or move the folder away.",
        "CLASS_LIST F/one.txt: At least two classes are needed; the list names 1. Give one class a line, the name of its folder first, in the order of the classes.",
        "CLASS_LIST F/twice.txt, line 4: The class "cat" stands there twice. Give one class a line, the name of its folder first, in the order of the classes.",
        "FILE_MISSING F/none.txt: There is no such file or folder. Check the path; relative ones start at the working folder.",
        "OPTION_CONFLICT F/l.csv: The names of the folders are the labels already. Leave out the labels, or name the folder that holds the images themselves.",
        "OPTION_CONFLICT F: The classes there are 2. Leave out classes, or give a list of all of them.",
        "OPTION_CONFLICT F: The option part means nothing for a folder of images. Leave out part.",
        "NO_IMAGES F: At least two folders of images are needed; the folder holds 0. Name the folder right above those of the classes, or give a list of all classes.",
      ]
    `);
  });
});
