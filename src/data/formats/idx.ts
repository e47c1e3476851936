import { baseName, dirName, exists, isFolder, joinPath, listFolder } from '../../runtime/index.ts';
import { AdvarenaError, rows, tensor } from '../../tensor/index.ts';
import { readIdx } from '../idx-file.ts';
import { first, readClasses, refuseOptions } from '../samples.ts';
import type { Dataset, DatasetOptions } from '../types.ts';

/**
 * Images of an idx file (gzipped or not), [N, 1, height, width], as MNIST and Fashion-MNIST have them. Ids are row
 * numbers.
 * @param path the file of images, or a folder with files of MNIST's names, of which `part` chooses: `t10k-...` is
 *   test, `train-...` is train; the unpacked file where both are there
 * @param labels an idx file, a CSV or a `.npy`; by default the file whose name says `labels` for `images` and `idx1`
 *   for `idx3`: in a folder it must be there, a file of images alone is loaded without labels
 * @param options.classes by default 10 where the file of images begins with `train-` or `t10k-`
 * @throws AdvarenaError IDX_INVALID, NO_IMAGES, FILE_MISSING, LABEL_RANGE, LABEL_MISSING, LABEL_INVALID,
 *   OPTION_CONFLICT
 */
export async function loadIdx(path: string, labels?: string, options: DatasetOptions = {}): Promise<Dataset> {
  const folder = await isFolder(path);
  refuseOptions(options, folder ? ['size', 'coarse'] : ['size', 'part', 'coarse'], {
    where: path,
    what: folder ? 'idx files' : 'a file of images',
  });
  const found = folder ? await findPair(path, options.part) : { images: path, name: bare(path) };
  const read = await readIdx(found.images);
  const [count = 0, height = 0, width = 0] = read.shape;
  if (read.shape.length !== 3)
    throw new AdvarenaError('IDX_INVALID', `Images have 3 axes, this file has ${read.shape.length}.`, {
      where: `${found.images}, byte 3`,
      remedy: 'Name the file of images, such as train-images-idx3-ubyte; labels are a file of their own.',
    });
  if (read.data.length === 0)
    throw new AdvarenaError('NO_IMAGES', 'The file holds no images.', {
      where: found.images,
      remedy: 'Get the file again.',
    });
  const file = labels ?? (await labelsOf(found.images, folder));
  const usual = /^(train|t10k)-/i.test(baseName(found.images)) ? { classes: 10 } : {};
  const chosen = { ...usual, ...options };
  const all = Array.from({ length: count }, (_, i) => String(i));
  const labelled = await readClasses(all, file, chosen, found.images);
  const ids = first(all, options.limit);
  return {
    name: found.name,
    ids,
    images: rows<'uint8'>(tensor(read.data, [count, 1, height, width], 'uint8'), 0, ids.length),
    ...labelled(ids),
    labelOffset: options.offset ?? 0,
    classes: chosen.classes,
  };
}

const ofImages = /images([-.])idx3/i;

async function findPair(
  folder: string,
  part: DatasetOptions['part'],
): Promise<{ images: string; name: string }> {
  const names = await listFolder(folder);
  const of = (start: string): string | undefined => {
    const mine = names.filter((name) => name.toLowerCase().startsWith(start));
    const images = mine.filter((name) => ofImages.test(name));
    const unpacked = images.find((name) => !/\.gz$/i.test(name)) ?? images[0];
    if (unpacked === undefined && mine.some((name) => /labels[-.]idx1/i.test(name)))
      throw missing(
        joinPath(folder, `${start}images-idx3-ubyte`),
        'The labels are there, the images are not.',
      );
    return unpacked;
  };
  const chosen = part ?? (of('t10k-') === undefined ? 'train' : 'test');
  const images = of(chosen === 'test' ? 't10k-' : 'train-');
  if (images === undefined)
    throw missing(
      joinPath(folder, `${chosen === 'test' ? 't10k' : 'train'}-images-idx3-ubyte`),
      "The folder has no such file of MNIST's names.",
    );
  return { images: joinPath(folder, images), name: `${baseName(folder)} ${chosen}` };
}

async function labelsOf(images: string, needed: boolean): Promise<string | undefined> {
  const name = bare(images).replace(ofImages, 'labels$1idx1');
  if (name === bare(images)) return undefined;
  const path = joinPath(dirName(images), name);
  for (const each of [path, `${path}.gz`]) if (await exists(each)) return each;
  if (needed) throw missing(path, 'The images are there, their labels are not.');
  return undefined;
}

function bare(path: string): string {
  return baseName(path).replace(/\.gz$/i, '');
}

function missing(where: string, message: string): AdvarenaError {
  return new AdvarenaError('FILE_MISSING', message, {
    where,
    remedy: 'Get the file (.gz or unpacked), or name the file of images itself.',
  });
}
