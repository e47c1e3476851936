import { decodeJpeg, decodePng, jpegChannels, pngChannels, resizeMiddle } from '#codec';
import { baseName, dirName, joinPath, listFolder, readFile, readPartSync } from '../runtime/index.ts';
import { AdvarenaError, channelsFirst, readNpy, type Tensor, tensor } from '../tensor/index.ts';
import type { DecodedImage } from './codec.ts';
import { together } from './together.ts';

/** Images that are 8-bit levels, or float32 in [0,1], [N, C, H, W]. */
export type Pictures = Tensor<'uint8'> | Tensor;

/**
 * The PNG files of a folder in the order of their names, by id: the name without `.png`, in Unicode's composed form
 * (NFC), for file systems and tables write an accent in different ways. Names that begin with a dot are passed over.
 * @throws AdvarenaError NO_IMAGES, IMAGE_FORMAT (other kinds of images lie there), DUPLICATE_ID
 */
export async function findImages(folder: string): Promise<Map<string, string>> {
  const names = (await listFolder(folder)).filter((name) => !name.startsWith('.'));
  const other = names.find((name) => /\.(jpe?g|gif|webp|bmp|tiff?)$/i.test(name));
  if (other !== undefined)
    throw new AdvarenaError('IMAGE_FORMAT', 'The folder holds images that are not PNG.', {
      where: joinPath(folder, other),
      remedy: 'Convert them to 8-bit RGB PNG, or move them away.',
    });
  const files = new Map<string, string>();
  for (const name of names) {
    if (!/\.png$/i.test(name)) continue;
    const id = name.slice(0, -4).normalize('NFC');
    if (files.has(id))
      throw new AdvarenaError('DUPLICATE_ID', `Two files have the id "${id}".`, {
        where: joinPath(folder, name),
        remedy: 'Rename one of them.',
      });
    files.set(id, joinPath(folder, name));
  }
  if (files.size === 0)
    throw new AdvarenaError('NO_IMAGES', 'The folder holds no PNG files.', {
      where: folder,
      remedy: 'Name a folder of 8-bit RGB or grey PNG files.',
    });
  return files;
}

export interface ReadOptions {
  /** Scale each to this shorter side and keep the middle. */
  size?: number;
  /** JPEG too, and grey beside RGB, which then becomes RGB of three equal channels. PNG of one kind by default. */
  mixed?: boolean;
  /** Further files of the dataset, of which only the colour counts: one RGB image makes RGB of all that `mixed` reads. */
  beside?: readonly string[];
}

/**
 * Decodes image files of one size into one tensor.
 * @throws RangeError if size is not a whole number from 1
 * @throws AdvarenaError IMAGE_SIZE (two files differ), IMAGE_FORMAT, IMAGE_UNREADABLE
 */
export async function readImages(
  paths: readonly string[],
  { size, mixed = false, beside = [] }: ReadOptions = {},
): Promise<Tensor<'uint8'>> {
  if (size !== undefined && !(Number.isInteger(size) && size >= 1))
    throw new RangeError(`size ${size} is not a whole number from 1`);
  const read = async (path: string): Promise<DecodedImage> => {
    const bytes = await readFile(path);
    const image = await (mixed && isJpeg(bytes, path) ? decodeJpeg : decodePng)(bytes, path);
    return size === undefined ? image : resizeMiddle(image, size);
  };
  let first: DecodedImage | undefined;
  let data = new Uint8Array(0);
  let channels = 0;
  // A few at once keep the decoder's threads busy without holding every file in memory.
  for (let from = 0; from < paths.length; from += 8) {
    const some = paths.slice(from, from + 8);
    const images = await together(some, read);
    images.forEach((image, i) => {
      if (first === undefined) {
        first = image;
        channels = image.channels;
        data = new Uint8Array(paths.length * image.data.length);
      }
      const area = first.height * first.width;
      const path = paths[from + i] as string;
      const side = Math.min(first.height, first.width);
      const same = image.height === first.height && image.width === first.width;
      if (!same || !(mixed || image.channels === first.channels))
        throw new AdvarenaError(
          'IMAGE_SIZE',
          `The image is ${sizeText(image)}, but ${shortName(paths[0] as string, path)} is ${sizeText(first)}.`,
          {
            where: path,
            remedy: same
              ? 'Bring all images of a dataset to grey or to RGB.'
              : `Bring all images of a dataset to one size, or scale them: --size ${side} (size: ${side}).`,
          },
        );
      if (image.channels > channels) {
        data = threefold(data, area);
        channels = 3;
      }
      const planes = channelsFirst(image.data, image.channels);
      data.set(image.channels < channels ? threefold(planes, area) : planes, (from + i) * channels * area);
    });
  }
  const { height = 0, width = 0 } = first ?? {};
  if (mixed && channels === 1 && (await someRgb(beside))) {
    data = threefold(data, height * width);
    channels = 3;
  }
  return tensor(data, [paths.length, channels, height, width], 'uint8');
}

/** By the headers, up to the first that is RGB. */
async function someRgb(paths: readonly string[]): Promise<boolean> {
  for (const path of paths) {
    const start = readPartSync(path, 0, 33);
    const channels = isJpeg(start, path)
      ? await jpegChannels(await readFile(path), path)
      : pngChannels(start, path);
    if (channels === 3) return true;
  }
  return false;
}

/** What to call a file in a message about another. */
function shortName(path: string, other: string): string {
  return dirName(path) === dirName(other) ? baseName(path) : path;
}

/** By the content, and by the name where that is neither, so that the decoder says what was expected. */
function isJpeg(bytes: Uint8Array, path: string): boolean {
  return bytes[0] === 0xff || (bytes[0] !== 0x89 && !/\.png$/i.test(path));
}

/** Grey planes as RGB: each three times. */
function threefold(planes: Uint8Array, area: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(planes.length * 3);
  for (let at = 0; at < planes.length; at += area)
    for (let c = 0; c < 3; c++) out.set(planes.subarray(at, at + area), 3 * at + c * area);
  return out;
}

/**
 * Reads a `.npy` of uint8 levels, or of float32 in [0,1], shape [N, C, H, W] or [N, H, W, C]: channels are the
 * axis of length 1 or 3, the second axis where both are.
 * @throws AdvarenaError NO_IMAGES, IMAGE_FORMAT (type or shape), PIXEL_RANGE, NPY_...
 */
export async function readImageArray(path: string): Promise<Pictures> {
  const t = readNpy(await readFile(path), path);
  const [count = 0, second = 0, third = 0, fourth = 0] = t.shape;
  if ((t.dtype !== 'uint8' && t.dtype !== 'float32') || t.shape.length !== 4)
    throw new AdvarenaError('IMAGE_FORMAT', `The array is ${t.dtype} [${t.shape.join(', ')}].`, {
      where: path,
      remedy: 'Save uint8, or float32 in [0,1], of shape [N, C, H, W] or [N, H, W, C].',
    });
  if (!isChannels(second) && !isChannels(fourth))
    throw new AdvarenaError('IMAGE_FORMAT', `No axis of [${t.shape.join(', ')}] is the channels.`, {
      where: path,
      remedy: 'Save images of 1 or 3 channels, [N, C, H, W] or [N, H, W, C].',
    });
  if (t.data.length === 0)
    throw new AdvarenaError('NO_IMAGES', 'The array holds no images.', {
      where: path,
      remedy: 'Save at least one image.',
    });
  const size = t.data.length / count;
  const outside = t.dtype === 'uint8' ? -1 : t.data.findIndex((value) => !(value >= 0 && value <= 1));
  if (outside >= 0)
    throw new AdvarenaError('PIXEL_RANGE', `The value ${t.data[outside]} is not in [0, 1].`, {
      where: `${path}, row ${Math.floor(outside / size)}`,
      remedy: 'Divide levels by 255, or save them as uint8.',
    });
  if (isChannels(second)) return t;
  const data = new (t.data.constructor as Uint8ArrayConstructor)(t.data.length);
  for (let n = 0; n < count; n++) {
    const row = t.data.subarray(n * size, (n + 1) * size) as Uint8Array;
    data.set(channelsFirst(row, fourth), n * size);
  }
  return { dtype: t.dtype, shape: [count, fourth, second, third], data } as Pictures;
}

function isChannels(length: number): boolean {
  return length === 1 || length === 3;
}

function sizeText({ height, width, channels }: DecodedImage): string {
  return `${width}x${height} ${channels === 1 ? 'grey' : 'RGB'}`;
}
