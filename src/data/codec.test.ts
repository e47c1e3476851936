import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { AdvarenaError, randomOf } from '../tensor/index.ts';
import * as implementation from './codec.node.ts';
import type { Codec, DecodedImage } from './codec.ts';

// The type is the test: a backend is a module of these functions.
const { decodeJpeg, decodePng, encodeJpeg, encodePng } = implementation satisfies Codec;

function noise(height: number, width: number, channels: number): DecodedImage {
  const s = randomOf(1, 'codec').stream('', `${height}x${width}x${channels}`);
  const data = Uint8Array.from({ length: height * width * channels }, () => s.integer(256));
  return { height, width, channels, data };
}

const rgb = noise(7, 5, 3);
const grey = noise(6, 9, 1);

function raw({ height, width, channels, data }: DecodedImage) {
  return sharp(data, { raw: { height, width, channels: channels as 1 | 3 } });
}

async function caught(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'nothing thrown',
    (error) => {
      if (!(error instanceof AdvarenaError)) throw error;
      return `${error.code} ${error.where}: ${error.message}`;
    },
  );
}

/** A PNG made by hand, with chunks of the caller's before the pixels; every row unfiltered. */
function handMade(image: DecodedImage, chunks: [type: string, data: Buffer][]): Buffer {
  const { height, width, channels, data } = image;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, channels === 3 ? 2 : 0, 0, 0, 0], 8);
  const stride = width * channels;
  const rows = Array.from({ length: height }, (_, y) => [0, ...data.subarray(y * stride, (y + 1) * stride)]);
  const all: [string, Buffer][] = [
    ['IHDR', header],
    ...chunks,
    ['IDAT', deflateSync(Buffer.from(rows.flat()))],
    ['IEND', Buffer.alloc(0)],
  ];
  const parts = all.map(([type, content]) => {
    const body = Buffer.concat([Buffer.from(type), content]);
    const frame = Buffer.alloc(4);
    const check = Buffer.alloc(4);
    frame.writeUInt32BE(content.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([frame, body, check]);
  });
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), ...parts]);
}

describe('PNG', () => {
  test.for([rgb, grey])('$channels channels return, and the bytes are the same each time', async (image) => {
    const bytes = await encodePng(image);
    expect(await decodePng(bytes, 'x.png')).toEqual(image);
    expect(await encodePng(image)).toEqual(bytes);
  });

  test('levels are those in the file, whatever gamma, profile or rotation says', async () => {
    const gamma = Buffer.alloc(4);
    gamma.writeUInt32BE(100_000);
    const profile = (await sharp(await raw(rgb).withIccProfile('p3').png().toBuffer()).metadata())
      .icc as Buffer;
    const iccp = Buffer.concat([Buffer.from('p3\0\0'), deflateSync(profile)]);
    const orientation = Buffer.from('4d4d002a00000008000101120003000000010006000000000000', 'hex');
    for (const chunk of [
      ['gAMA', gamma],
      ['iCCP', iccp],
      ['eXIf', orientation],
    ] as [string, Buffer][])
      expect(await decodePng(handMade(rgb, [chunk]), 'x.png')).toEqual(rgb);
  });

  test('what would need a conversion, or is damaged, is refused by name', async () => {
    const png = Buffer.from(await encodePng(noise(64, 64, 3)));
    const damaged = Buffer.from(png);
    damaged.writeUInt8(damaged.readUInt8(6000) ^ 0x55, 6000);
    const files: Record<string, Uint8Array> = {
      'deep.png': await raw(rgb).toColourspace('rgb16').png().toBuffer(),
      'palette.png': await raw(rgb).png({ palette: true }).toBuffer(),
      'alpha.png': await raw(rgb).ensureAlpha(0.5).png().toBuffer(),
      'clear.png': handMade(rgb, [['tRNS', Buffer.from([0, 1, 0, 2, 0, 3])]]),
      'photo.png': await raw(rgb).jpeg().toBuffer(),
      'empty.png': new Uint8Array(0),
      'text.png': Buffer.from('hello, this is a text'),
      'cut.png': png.subarray(0, 6000),
      'head.png': png.subarray(0, 20),
      'damaged.png': damaged,
    };
    const messages: unknown[] = [];
    for (const [name, bytes] of Object.entries(files)) messages.push(await caught(decodePng(bytes, name)));
    expect(messages).toMatchInlineSnapshot(`
      [
        "IMAGE_FORMAT deep.png: The file is an RGB PNG of 16 bits per channel, not an 8-bit grey or RGB PNG.",
        "IMAGE_FORMAT palette.png: The file is a PNG with a palette, not an 8-bit grey or RGB PNG.",
        "IMAGE_FORMAT alpha.png: The file is an RGB PNG with transparency (alpha), not an 8-bit grey or RGB PNG.",
        "IMAGE_FORMAT clear.png: The file is a PNG with a transparent colour, not an 8-bit grey or RGB PNG.",
        "IMAGE_FORMAT photo.png: The file is a JPEG, not an 8-bit grey or RGB PNG.",
        "IMAGE_FORMAT empty.png: The file is an empty file, not an 8-bit grey or RGB PNG.",
        "IMAGE_FORMAT text.png: The file is no image, not an 8-bit grey or RGB PNG.",
        "IMAGE_UNREADABLE cut.png: The image is damaged or cut off.",
        "IMAGE_FORMAT head.png: The file is a damaged PNG, not an 8-bit grey or RGB PNG.",
        "IMAGE_UNREADABLE damaged.png: The image is damaged or cut off.",
      ]
    `);
  });
});

describe('JPEG', () => {
  test.for([rgb, grey])('$channels channels return nearly, at the size asked for', async (image) => {
    const bytes = await encodeJpeg(image, 100, '4:4:4');
    const read = await decodeJpeg(bytes);
    expect({ ...read, data: 0 }).toEqual({ ...image, data: 0 });
    const errors = read.data.map((level, i) => Math.abs(level - (image.data[i] as number)));
    expect(Math.max(...errors)).toBeLessThan(6);
    expect(await encodeJpeg(image, 100, '4:4:4')).toEqual(bytes);
  });

  test('quality and subsampling are those asked for, and the file is baseline', async () => {
    const image = noise(32, 32, 3);
    for (const subsampling of ['4:2:0', '4:4:4'] as const) {
      const bytes = await encodeJpeg(image, 75, subsampling);
      const { chromaSubsampling, isProgressive } = await sharp(bytes).metadata();
      expect({ chromaSubsampling, isProgressive }).toEqual({
        chromaSubsampling: subsampling,
        isProgressive: false,
      });
      // libjpeg halves the standard table at 75: its first entry, 16, becomes 8.
      expect(bytes[bytes.indexOf(0xdb) + 4]).toBe(8);
    }
  });

  test('other files are refused', async () => {
    expect([
      await caught(decodeJpeg(await encodePng(rgb), 'x.jpg')),
      await caught(decodeJpeg((await encodeJpeg(noise(64, 64, 3), 90, '4:2:0')).subarray(0, 900), 'x.jpg')),
      await caught(decodeJpeg(await raw(rgb).toColourspace('cmyk').jpeg().toBuffer())),
    ]).toMatchInlineSnapshot(`
      [
        "IMAGE_FORMAT x.jpg: The file is a PNG, not a grey or RGB JPEG.",
        "IMAGE_UNREADABLE x.jpg: The image is damaged or cut off.",
        "IMAGE_FORMAT a JPEG in memory: The file is a CMYK JPEG, not a grey or RGB JPEG.",
      ]
    `);
  });
});

test('an encoder refuses levels that do not fill the image', async () => {
  await expect(encodePng({ ...rgb, height: 8 })).rejects.toThrow(
    new RangeError('105 levels are no image of 8x5x3'),
  );
  await expect(encodeJpeg({ ...rgb, channels: 2 }, 75, '4:4:4')).rejects.toThrow(RangeError);
});
