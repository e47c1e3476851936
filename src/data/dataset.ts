import { isFolder, joinPath, listFolder } from '../runtime/index.ts';
import { AdvarenaError, type Tensor, toFloat } from '../tensor/index.ts';
import { isCifar, loadCifar } from './formats/cifar.ts';
import { loadClassFolder } from './formats/class-folder.ts';
import { findLabels, isCompetition, loadCompetition } from './formats/competition.ts';
import { loadFolder } from './formats/folder.ts';
import { loadIdx } from './formats/idx.ts';
import { loadNpyBatch } from './formats/npy-batch.ts';
import { isIdx } from './idx-file.ts';
import { hasIds } from './labels.ts';
import type { Dataset, DatasetOptions } from './types.ts';

export { loadCifar, loadClassFolder, loadCompetition, loadFolder, loadIdx, loadNpyBatch };

/** The images as float32 in [0,1]; float32 ones are not copied. */
export function pixels({ images }: Dataset): Tensor {
  return images.dtype === 'float32' ? images : toFloat(images);
}

/**
 * Loads a dataset by what the paths are.
 * - `images`: a folder of PNG files; a folder of class folders of PNG and JPEG files; a folder of MNIST's idx files
 *   or CIFAR's binary ones, or one such file; a `.npy` batch.
 * - `labels`: a CSV `id,label` or `id,label,target`, the CSV of the NIPS 2017 competition, a `.npy` or an idx file;
 *   for class folders a `.txt` of the classes in their order. If left out, what the format itself says; for PNG files
 *   the one CSV in the folder that is the competition's, else `labels.csv` there, else no labels.
 *
 * Ids are file names without their ending, with the class in front where it has a folder, and row numbers in a batch.
 * Samples come in the order of the competition's CSV, of sorted file names (class folders in turns), or of the rows.
 * @throws AdvarenaError with file and row, see the loader of each format; DATASET_AMBIGUOUS where a folder holds
 *   several formats
 */
export async function loadDataset({
  images,
  labels,
  ...options
}: DatasetOptions & { images: string; labels?: string }): Promise<Dataset> {
  switch (await formatOf(images, labels)) {
    case 'npy':
      return loadNpyBatch(images, labels, options);
    case 'idx':
      return loadIdx(images, labels, options);
    case 'cifar':
      if (labels !== undefined) throw ownLabels(labels, 'The files of CIFAR hold');
      return loadCifar(images, options);
    case 'classes':
      if (labels !== undefined && !isClassList(labels))
        throw ownLabels(labels, 'The names of the folders are');
      return loadClassFolder(images, labels, options);
    case 'png': {
      const path = labels ?? (await findLabels(images));
      return path !== undefined && hasIds(path) && isCompetition(path)
        ? loadCompetition(images, path, options)
        : loadFolder(images, path, options);
    }
  }
}

type Format = 'npy' | 'idx' | 'cifar' | 'classes' | 'png';

async function formatOf(images: string, labels: string | undefined): Promise<Format> {
  if (/\.npy$/i.test(images)) return 'npy';
  if (!(await isFolder(images))) {
    if (isIdx(images)) return 'idx';
    if (/\.bin$/i.test(images) && !isCifar(images))
      throw new AdvarenaError('DATASET_UNKNOWN', 'By its name the file is none of CIFAR-10 or CIFAR-100.', {
        where: images,
        remedy:
          'Name it as in the archive: data_batch_1.bin to data_batch_5.bin, test_batch.bin, train.bin, test.bin.',
      });
    return isCifar(images) ? 'cifar' : 'png';
  }
  const names = (await listFolder(images)).filter((name) => !name.startsWith('.'));
  const has = {
    png: names.find((name) => /\.png$/i.test(name)),
    idx: names.find(isIdx),
    cifar: names.find(isCifar),
    classes: await classFolder(images, names, labels),
  };
  const found = (Object.keys(has) as (keyof typeof has)[]).filter((format) => has[format] !== undefined);
  const [format = 'png', other] = found;
  if (other === undefined) return format;
  throw new AdvarenaError(
    'DATASET_AMBIGUOUS',
    `The folder holds "${has[format]}" and "${has[other]}": which is the dataset?`,
    { where: images, remedy: 'Give each dataset a folder of its own, or name a file instead of the folder.' },
  );
}

/** A folder in `root` by which it may be one of class folders: any where nothing else is there, else one of images. */
async function classFolder(
  root: string,
  names: readonly string[],
  labels: string | undefined,
): Promise<string | undefined> {
  if (labels === undefined && (await findLabels(root)) !== undefined) return undefined;
  const others = names.filter((name) => !/\.(png|csv)$/i.test(name));
  const are = await Promise.all(others.map((name) => isFolder(joinPath(root, name))));
  const folders = others.filter((_, i) => are[i]);
  if (!names.some((name) => /\.png$/i.test(name) || isIdx(name) || isCifar(name))) return folders[0];
  if (labels !== undefined && !isClassList(labels)) return undefined;
  for (const folder of folders)
    if ((await listFolder(joinPath(root, folder))).some((name) => /\.(png|jpe?g)$/i.test(name)))
      return folder;
  return undefined;
}

function isClassList(path: string): boolean {
  return /\.txt$/i.test(path);
}

function ownLabels(labels: string, start: string): AdvarenaError {
  return new AdvarenaError('OPTION_CONFLICT', `${start} the labels already.`, {
    where: labels,
    remedy: 'Leave out the labels, or name the folder that holds the images themselves.',
  });
}
