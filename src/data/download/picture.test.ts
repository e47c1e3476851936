import { expect, test } from 'vitest';
import { cropPhotograph } from '#codec';
import { pictureLevels } from '../../../test/image-server.ts';
import { told } from '../../../test/told.ts';
import type { Crop } from '../codec.ts';
import { decodeJpeg, decodePng, encodeJpeg, encodePng } from '../index.ts';
import { pictureOf } from './picture.ts';

const [height, width] = [480, 640];
const levels = pictureLevels(height, width);
const image = { height, width, channels: 3, data: levels };

async function made(bytes: Uint8Array, box: readonly [number, number, number, number]) {
  const row = { line: 2, id: 'a', url: 'http://example.org/a', box, cells: [] };
  return decodePng(await pictureOf({ bytes, url: row.url, contentType: 'image/png' }, row), 'it');
}

/** A box whose edges, cut off, are these pixels. */
function boxOf(left: number, top: number, right: number, bottom: number, beyond = 0.9) {
  return [
    (left + beyond) / width,
    (top + beyond) / height,
    (right + beyond) / width,
    (bottom + beyond) / height,
  ] as const;
}

test('a cut of 299x299 keeps its levels; edges are cut off to whole pixels', async () => {
  const found = await made(await encodePng(image), boxOf(101, 57, 400, 356));
  expect([found.height, found.width, found.channels]).toEqual([299, 299, 3]);
  let wrong = 0;
  for (let y = 0; y < 299; y++)
    for (let x = 0; x < 299 * 3; x++)
      if (found.data[y * 299 * 3 + x] !== levels[((57 + y) * width + 101) * 3 + x]) wrong++;
  expect(wrong).toBe(0);
});

test('grey levels are repeated', async () => {
  const data = levels.filter((_, i) => i % 3 === 0);
  const grey = await encodePng({ height, width, channels: 1, data });
  const found = await made(grey, boxOf(0, 0, 299, 299, 0.1));
  expect([0, 1, 2].map((c) => found.data[(5 * 299 + 7) * 3 + c])).toEqual(
    Array.from({ length: 3 }, () => data[5 * width + 7]),
  );
});

test.for([
  ['mildly smaller', [100, 20, 600, 470], lanczos, 2, 0.4],
  // Across, four times the result and more: the library averages whole pixels first.
  ['much smaller', [0, 0, 1240, 320], lanczos, 2, 0.4],
  // The library enlarges by Catmull-Rom, half a pixel of the result to the right and down.
  ['larger', [20, 30, 220, 210], cubic, 2, 0.4],
] as const)('a JPEG becomes %s as computed here in float64', async ([, [l, t, r, b], kernel, most, mean]) => {
  const size = r > width ? { height: 330, width: 1240 } : { height, width };
  const jpeg = await encodeJpeg(
    { ...size, channels: 3, data: pictureLevels(size.height, size.width) },
    95,
    '4:4:4',
  );
  const { data } = await decodeJpeg(jpeg);
  const box = [l / size.width, t / size.height, r / size.width, b / size.height] as const;
  const found = await made(jpeg, box);
  const [first, tall, wide] = averaged(data, [l, t, r, b], size.width);
  const columns = weights(wide, kernel);
  const across = new Float64Array(tall * 299 * 3);
  for (let y = 0; y < tall; y++)
    columns.forEach((taps, x) => {
      for (let c = 0; c < 3; c++)
        for (const [i, weight] of taps)
          across[(y * 299 + x) * 3 + c]! += weight * first[(y * wide + i) * 3 + c]!;
    });
  let worst = 0;
  let sum = 0;
  weights(tall, kernel).forEach((taps, y) => {
    for (let x = 0; x < 299 * 3; x++) {
      const value = taps.reduce((total, [i, weight]) => total + weight * across[i * 299 * 3 + x]!, 0);
      const off = Math.abs(Math.min(255, Math.max(0, value)) - found.data[y * 299 * 3 + x]!);
      worst = Math.max(worst, off);
      sum += off;
    }
  });
  expect(worst).toBeLessThan(most);
  expect(sum / (299 * 299 * 3)).toBeLessThan(mean);
});

/** The levels of a box, blocks of as many whole pixels made one as leave twice the size of the result. */
function averaged(
  data: Uint8Array,
  [left, top, right, bottom]: readonly [number, number, number, number],
  stride: number,
): [levels: Float64Array, height: number, width: number] {
  const [y, x] = [bottom - top, right - left].map((n) => Math.max(1, Math.floor(n / 299 / 2))) as [
    number,
    number,
  ];
  const [height, width] = [(bottom - top) / y, (right - left) / x];
  const out = new Float64Array(height * width * 3);
  for (let row = 0; row < height * y; row++)
    for (let column = 0; column < width * x; column++)
      for (let c = 0; c < 3; c++)
        out[(Math.floor(row / y) * width + Math.floor(column / x)) * 3 + c]! +=
          data[((top + row) * stride + left + column) * 3 + c]! / (y * x);
  return [out, height, width];
}

interface Kernel {
  support: number;
  /** In pixels of the result. */
  shift: number;
  at: (x: number) => number;
}

/** For each of 299 pixels the input pixels and their weights; the kernel is widened where the image shrinks. */
function weights(from: number, kernel: () => Kernel) {
  const { at, support, shift } = kernel();
  const scale = Math.max(1, from / 299);
  return Array.from({ length: 299 }, (_, o) => {
    const centre = ((o + 0.5 - shift) * from) / 299 - 0.5;
    const taps: [index: number, weight: number][] = [];
    for (let i = Math.ceil(centre - support * scale); i <= centre + support * scale; i++)
      taps.push([Math.min(from - 1, Math.max(0, i)), at((i - centre) / scale)]);
    const total = taps.reduce((sum, [, weight]) => sum + weight, 0);
    return taps.map(([i, weight]): [number, number] => [i, weight / total]);
  });
}

function lanczos(): Kernel {
  const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
  return { support: 3, shift: 0, at: (x: number) => sinc(x) * sinc(x / 3) };
}

/** Catmull-Rom: Keys 1981, a = -1/2. */
function cubic(): Kernel {
  const at = (signed: number) => {
    const x = Math.abs(signed);
    return x <= 1 ? 1.5 * x ** 3 - 2.5 * x ** 2 + 1 : -0.5 * x ** 3 + 2.5 * x ** 2 - 4 * x + 2;
  };
  return { support: 2, shift: 0.5, at };
}

test('what is no photograph, damaged, or has no pixel in the box is told apart', async () => {
  const jpeg = await encodeJpeg(image, 90, '4:2:0');
  const row = { line: 2, id: 'a', url: 'http://example.org/a', cells: [] };
  const reason = async (bytes: Uint8Array, contentType = '', box: Crop['box'] = [0, 0, 1, 1]) => {
    const error = await pictureOf({ bytes, url: row.url, contentType }, { ...row, box }).catch(
      (e: unknown) => e,
    );
    const { reason, message } = error as { reason: string; message: string };
    return [reason, message];
  };
  const html = new TextEncoder().encode('<!doctype html><p>Sorry</p>');
  expect(await reason(html, 'text/html; charset=utf-8')).toEqual(['no-image', 'the answer is text/html']);
  expect(await reason(html, 'image/jpeg')).toEqual([
    'no-image',
    'The file is no image, not a JPEG, PNG, GIF, WebP or TIFF.',
  ]);
  expect(await reason(new Uint8Array(0))).toEqual(['no-image', expect.stringContaining('an empty file')]);
  expect(await reason(jpeg.subarray(0, jpeg.length / 2))).toEqual([
    'damaged',
    'The image is damaged or cut off.',
  ]);
  const dot = await encodePng({ height: 2, width: 2, channels: 3, data: new Uint8Array(12) });
  const box = [0, 0.1, 1, 0.4] as const;
  expect(
    await told({ 'no pixel': () => cropPhotograph(dot, { box, height: 2, width: 2 }, 'a.png') }),
  ).toMatchInlineSnapshot(
    `"no pixel: IMAGE_SIZE a.png: The box holds no pixel of the 2x2 image. | Check the box; the image may have been replaced by a smaller one."`,
  );
  expect(await reason(dot, '', box)).toEqual(['empty-box', 'The box holds no pixel of the 2x2 image.']);
});
