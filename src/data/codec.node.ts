import { AdvarenaError } from '../tensor/index.ts';
import type { Codec, DecodedImage } from './codec.ts';

type Sharp = typeof import('sharp').default;
let loaded: Promise<Sharp> | undefined;

/** Loaded at the first image. One thread each: hosts share the cores, and a cache only fills memory. */
function codec(): Promise<Sharp> {
  loaded ??= import('sharp').then(({ default: sharp }) => {
    sharp.cache(false);
    sharp.concurrency(1);
    return sharp;
  });
  return loaded;
}

export const decodePng: Codec['decodePng'] = async (bytes, where) => {
  const channels = pngChannels(bytes, where);
  const image = await decode(bytes, where, channels);
  // A colour marked as transparent gives one channel more than the header says.
  if (image.channels !== channels) throw formatError('a PNG with a transparent colour', where);
  return image;
};

export const encodePng: Codec['encodePng'] = async (image) =>
  (await fromLevels(image)).png({ compressionLevel: 3, adaptiveFiltering: true, palette: false }).toBuffer();

export const encodeJpeg: Codec['encodeJpeg'] = async (image, quality, subsampling) =>
  (await fromLevels(image))
    .jpeg({ quality, chromaSubsampling: subsampling, progressive: false, mozjpeg: false })
    .toBuffer();

export const decodeJpeg: Codec['decodeJpeg'] = async (bytes, where = 'a JPEG in memory') =>
  decode(bytes, where, await jpegChannels(bytes, where));

export const jpegChannels: Codec['jpegChannels'] = async (bytes, where) => {
  const kind = kindOf(bytes);
  if (kind !== 'JPEG') throw formatError(kind, where, jpegs);
  const sharp = await codec();
  const { channels } = await sharp(bytes, reading).metadata().catch(damaged(where));
  if (channels !== 1 && channels !== 3) throw formatError('a CMYK JPEG', where, jpegs);
  return channels;
};

export const resizeMiddle: Codec['resizeMiddle'] = async (image, size) => {
  const fit = { fit: 'cover', position: 'centre', kernel: 'lanczos3' } as const;
  return levels((await fromLevels(image)).resize(size, size, fit), image.channels as 1 | 3);
};

// With a cut before the resize the library decodes at full size: no shrinking by the JPEG decoder.
export const cropPhotograph: Codec['cropPhotograph'] = async (bytes, { box, height, width }, where) => {
  const kind = kindOf(bytes);
  if (!photographs.has(kind)) throw formatError(kind, where, 'a JPEG, PNG, GIF, WebP or TIFF');
  const sharp = await codec();
  // Superfluous bytes between a camera's markers are no damage.
  const open = () => sharp(bytes, { ...reading, failOn: 'error' });
  const found = await open().metadata().catch(damaged(where));
  const { width: w, height: h, hasAlpha } = found;
  if (found.space === 'cmyk') throw formatError(`a CMYK ${kind}`, where, 'grey or RGB');
  const [left, top, right, bottom] = box.map((edge, i) => Math.trunc(edge * (i % 2 === 0 ? w : h))) as Edges;
  if (right <= left || bottom <= top)
    throw new AdvarenaError('IMAGE_SIZE', `The box holds no pixel of the ${w}x${h} image.`, {
      where,
      remedy: 'Check the box; the image may have been replaced by a smaller one.',
    });
  const cut = open().extract({ left, top, width: right - left, height: bottom - top });
  const opaque = hasAlpha ? await withoutAlpha(cut, sharp).catch(damaged(where)) : cut;
  const { data, info } = await opaque
    .resize({ width, height, fit: 'fill', kernel: 'lanczos3' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch(damaged(where));
  return { height: info.height, width: info.width, channels: info.channels, data: new Uint8Array(data) };
};

/** In a step of its own: a resize would weigh colours by their transparency. */
async function withoutAlpha(image: ReturnType<Sharp>, sharp: Sharp): Promise<ReturnType<Sharp>> {
  const { data, info } = await image
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return sharp(data, { raw: info });
}

type Edges = [left: number, top: number, right: number, bottom: number];

const photographs = new Set(['JPEG', 'PNG', 'GIF', 'WebP', 'TIFF']);

const pngs = 'an 8-bit grey or RGB PNG';
const jpegs = 'a grey or RGB JPEG';
const reading = { ignoreIcc: true, autoOrient: false, failOn: 'warning' } as const;
/** Named on both ways: the library makes RGB of grey levels unless told. */
const space = { 1: 'b-w', 3: 'srgb' } as const;

async function decode(bytes: Uint8Array, where: string, channels: 1 | 3): Promise<DecodedImage> {
  const sharp = await codec();
  return levels(sharp(bytes, reading), channels).catch(damaged(where));
}

async function levels(image: ReturnType<Sharp>, channels: 1 | 3): Promise<DecodedImage> {
  const { data, info } = await image
    .toColourspace(space[channels])
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { height: info.height, width: info.width, channels: info.channels, data: new Uint8Array(data) };
}

async function fromLevels({ height, width, channels, data }: DecodedImage) {
  if ((channels !== 1 && channels !== 3) || data.length !== height * width * channels)
    throw new RangeError(`${data.length} levels are no image of ${height}x${width}x${channels}`);
  const sharp = await codec();
  return sharp(data, { raw: { height, width, channels } }).toColourspace(space[channels]);
}

const signatures: [kind: string, start: number[]][] = [
  ['PNG', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['JPEG', [0xff, 0xd8, 0xff]],
  ['GIF', [0x47, 0x49, 0x46, 0x38]],
  ['WebP', [0x52, 0x49, 0x46, 0x46]],
  ['TIFF', [0x49, 0x49, 0x2a, 0x00]],
  ['TIFF', [0x4d, 0x4d, 0x00, 0x2a]],
  ['BMP', [0x42, 0x4d]],
];

function kindOf(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'an empty file';
  return signatures.find(([, start]) => start.every((byte, i) => bytes[i] === byte))?.[0] ?? 'no image';
}

const colours: Record<number, [channels: 0 | 1 | 3, name: string]> = {
  0: [1, 'a grey PNG'],
  2: [3, 'an RGB PNG'],
  3: [0, 'a PNG with a palette'],
  4: [0, 'a grey PNG with transparency (alpha)'],
  6: [0, 'an RGB PNG with transparency (alpha)'],
};

export const pngChannels: Codec['pngChannels'] = (bytes, where) => {
  const kind = kindOf(bytes);
  if (kind !== 'PNG') throw formatError(kind, where);
  const depth = bytes[24] ?? 0;
  const [channels, name] = colours[bytes[25] ?? -1] ?? [0 as const, 'a damaged PNG'];
  if (channels === 0) throw formatError(name, where);
  if (depth !== 8) throw formatError(`${name} of ${depth} bits per channel`, where);
  return channels;
};

function formatError(found: string, where: string, wanted = pngs): AdvarenaError {
  const article = /^(an?|no) /.test(found) ? '' : 'a ';
  return new AdvarenaError('IMAGE_FORMAT', `The file is ${article}${found}, not ${wanted}.`, {
    where,
    remedy: `Convert it to ${wanted}; how its levels change is then your choice.`,
  });
}

// The library's own words are kept as the cause alone: they differ from run to run.
function damaged(where: string): (cause: Error) => never {
  return (cause) => {
    if (/exceeds pixel limit/.test(cause.message))
      throw new AdvarenaError('IMAGE_SIZE', 'The image has more than 268 million pixels.', {
        where,
        remedy: 'Give a smaller one: cut it, or scale it down.',
        cause,
      });
    throw new AdvarenaError('IMAGE_UNREADABLE', 'The image is damaged or cut off.', {
      where,
      remedy: 'Copy or make the file again.',
      cause,
    });
  };
}
