import { type Dataset, decodePng, findImages } from '../../data/index.ts';
import { isFolder, joinPath, readFile } from '../../runtime/index.ts';
import { AdvarenaError, type AnyTensor, type Tensor, tensor } from '../../tensor/index.ts';
import { readArray } from '../values.ts';

interface Wanted {
  count: number;
  height: number;
  width: number;
  /** Whether the images are the first of more, so that an array may speak of all. */
  limited: boolean;
}

/**
 * Where pixels may change, from `--mask`: one PNG for all images, a folder with one ID.png each, or a .npy of uint8 or
 * bool [N, 1, H, W] or [H, W]. In a PNG every pixel whose first channel is at least 128 may change.
 * @param limited whether the images are the first of more
 * @returns uint8 [N, 1, H, W] of 0 and 1
 * @throws AdvarenaError MASK naming the file and what does not fit, errors of files and images
 */
export async function readMasks(
  path: string,
  { ids, images }: Dataset,
  limited: boolean,
): Promise<Tensor<'uint8'>> {
  const [count = 0, , height = 0, width = 0] = images.shape;
  const maskOf = await open(path, ids, { count, height, width, limited });
  const data = new Uint8Array(count * height * width);
  for (let i = 0; i < count; i++) data.set(maskOf(i), i * height * width);
  return tensor<'uint8'>(data, [count, 1, height, width], 'uint8');
}

/** The mask of each image. */
async function open(
  path: string,
  ids: readonly string[],
  wanted: Wanted,
): Promise<(image: number) => Uint8Array> {
  if (/\.npy$/i.test(path)) return fromArray(await readArray(path), path, wanted);
  if (!(await isFolder(path))) {
    const one = await fromPng(path, wanted);
    return () => one;
  }
  const files = await findImages(path);
  const all: Uint8Array[] = [];
  for (const id of ids) all.push(await fromPng(files.get(id) ?? joinPath(path, `${id}.png`), wanted));
  return (image) => all[image] as Uint8Array;
}

async function fromPng(path: string, { height, width }: Wanted): Promise<Uint8Array> {
  const image = await decodePng(await readFile(path), path);
  const remedy = `Give a PNG of ${width}x${height} pixels, white where pixels may change and black elsewhere.`;
  if (image.height !== height || image.width !== width)
    throw wrong(`is ${image.width}x${image.height}`, path, remedy);
  const mask = Uint8Array.from({ length: height * width }, (_, i) =>
    Number((image.data[i * image.channels] as number) >= 128),
  );
  if (!mask.includes(1)) throw wrong('lets no pixel change', path, remedy);
  return mask;
}

/** Masks of all images, or one for all of them. */
function fromArray(
  { dtype, shape, data }: AnyTensor,
  path: string,
  { count, height, width, limited }: Wanted,
): (image: number) => Uint8Array {
  const remedy = `Give uint8 or bool [${count}, 1, ${height}, ${width}], or [${height}, ${width}] for all images: 1 where pixels may change, else 0.`;
  if (dtype !== 'uint8' && dtype !== 'bool') throw wrong(`is ${dtype}`, path, remedy);
  const one = shape.join() === [height, width].join();
  const [rows = 0, ...rest] = shape;
  const each = rest.join() === [1, height, width].join() && (rows === count || (limited && rows > count));
  if (!one && !each) throw wrong(`has the shape [${shape.join(', ')}]`, path, remedy);
  const value = data.find((v) => v > 1);
  if (value !== undefined) throw wrong(`holds ${value}`, path, remedy);
  const area = height * width;
  const maskOf = (image: number): Uint8Array =>
    one ? data : data.subarray(image * area, (image + 1) * area);
  for (let i = 0; i < (one ? 1 : count); i++)
    if (!maskOf(i).includes(1)) throw wrong('lets no pixel change', one ? path : `${path}, row ${i}`, remedy);
  return maskOf;
}

function wrong(what: string, where: string, remedy: string): AdvarenaError {
  return new AdvarenaError('MASK', `The mask ${what}.`, { where, remedy });
}
