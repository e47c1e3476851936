import { decodePng } from '#codec';
import { baseName, joinPath, listFolder, readFile } from '../runtime/index.ts';
import { AdvarenaError, readNpy, type Tensor, tensor } from '../tensor/index.ts';
import type { DecodedImage } from './codec.ts';

/** Images that are 8-bit levels, or float32 in [0,1], [N, C, H, W]. */
export type Pictures = Tensor<'uint8'> | Tensor;

/**
 * The PNG files of a folder in the order of their names, by id: the name without `.png`.
 * @throws AdvarenaError NO_IMAGES, IMAGE_FORMAT (other kinds of images lie there), DUPLICATE_ID
 */
export async function findImages(folder: string): Promise<Map<string, string>> {
  const names = await listFolder(folder);
  const other = names.find((name) => /\.(jpe?g|gif|webp|bmp|tiff?)$/i.test(name));
  if (other !== undefined)
    throw new AdvarenaError('IMAGE_FORMAT', 'The folder holds images that are not PNG.', {
      where: joinPath(folder, other),
      remedy: 'Convert them to 8-bit RGB PNG, or move them away.',
    });
  const files = new Map<string, string>();
  for (const name of names) {
    if (!/\.png$/i.test(name)) continue;
    const id = name.slice(0, -4);
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

/**
 * Decodes PNG files of one size into one tensor.
 * @throws AdvarenaError IMAGE_SIZE (two files differ), IMAGE_FORMAT, IMAGE_UNREADABLE
 */
export async function readImages(paths: readonly string[]): Promise<Tensor<'uint8'>> {
  let first: DecodedImage | undefined;
  let data = new Uint8Array(0);
  // A few at once keep the decoder's threads busy without holding every file in memory.
  for (let from = 0; from < paths.length; from += 8) {
    const some = paths.slice(from, from + 8);
    const images = await Promise.all(some.map(async (path) => decodePng(await readFile(path), path)));
    images.forEach((image, i) => {
      if (first === undefined) {
        first = image;
        data = new Uint8Array(paths.length * image.data.length);
      }
      if (sizeText(image) !== sizeText(first))
        throw new AdvarenaError(
          'IMAGE_SIZE',
          `The image is ${sizeText(image)}, but ${baseName(paths[0] as string)} is ${sizeText(first)}.`,
          { where: paths[from + i] as string, remedy: 'Bring all images of a dataset to one size.' },
        );
      data.set(channelsFirst(image), (from + i) * image.data.length);
    });
  }
  const { channels = 0, height = 0, width = 0 } = first ?? {};
  return tensor(data, [paths.length, channels, height, width], 'uint8');
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
    data.set(channelsFirst({ height: second, width: third, channels: fourth, data: row }), n * size);
  }
  return { dtype: t.dtype, shape: [count, fourth, second, third], data } as Pictures;
}

function isChannels(length: number): boolean {
  return length === 1 || length === 3;
}

function sizeText({ height, width, channels }: DecodedImage): string {
  return `${width}x${height} ${channels === 1 ? 'grey' : 'RGB'}`;
}

/** [H, W, C] to [C, H, W]. */
function channelsFirst({ height, width, channels, data }: DecodedImage): Uint8Array {
  const area = height * width;
  const out = new (data.constructor as Uint8ArrayConstructor)(data.length);
  for (let c = 0; c < channels; c++)
    for (let i = 0; i < area; i++) out[c * area + i] = data[i * channels + c] as number;
  return out;
}
