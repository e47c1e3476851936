import {
  baseName,
  dirName,
  exists,
  isFolder,
  joinPath,
  listFolder,
  readFile,
  readText,
} from '../../runtime/index.ts';
import { AdvarenaError, tensor } from '../../tensor/index.ts';
import type { LabelRows } from '../labels.ts';
import { first, readClasses, refuseOptions } from '../samples.ts';
import { together } from '../together.ts';
import type { Dataset, DatasetOptions } from '../types.ts';

interface Column {
  classes: number;
  /** The file beside that names them. */
  names: string;
}

interface Kind {
  title: string;
  train: string[];
  test: string[];
  /** The bytes before the pixels of an image. */
  columns: Column[];
}

const cifar10: Kind = {
  title: 'CIFAR-10',
  train: [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`),
  test: ['test_batch.bin'],
  columns: [{ classes: 10, names: 'batches.meta.txt' }],
};
const cifar100: Kind = {
  title: 'CIFAR-100',
  train: ['train.bin'],
  test: ['test.bin'],
  columns: [
    { classes: 20, names: 'coarse_label_names.txt' },
    { classes: 100, names: 'fine_label_names.txt' },
  ],
};
const pixels = 3 * 32 * 32;

/** Whether a name is that of a file of CIFAR-10 or CIFAR-100 in its binary version. */
export function isCifar(name: string): boolean {
  return [cifar10, cifar100].some(({ train, test }) => [...train, ...test].includes(baseName(name)));
}

/**
 * CIFAR-10 or CIFAR-100 in the binary version, [N, 3, 32, 32] (Krizhevsky 2009). Ids are row numbers, through all
 * files of a part. Classes are named where the archive's list of names lies beside.
 * @param path the archive's folder, of which `part` chooses, or one of its files by its own name
 * @param options.coarse CIFAR-100's 20 groups instead of its 100 classes
 * @throws AdvarenaError CIFAR_INVALID, NO_IMAGES, FILE_MISSING, LABEL_RANGE, OPTION_CONFLICT, DATASET_AMBIGUOUS
 */
export async function loadCifar(path: string, options: DatasetOptions = {}): Promise<Dataset> {
  const { kind, paths, name } = await filesOf(path, options);
  const column = kind.columns[options.coarse === true ? 0 : kind.columns.length - 1] as Column;
  const { classes } = column;
  if ((options.offset ?? 0) !== 0 || (options.classes ?? classes) !== classes)
    throw new AdvarenaError('OPTION_CONFLICT', `${kind.title} has ${classes} labels from 0.`, {
      where: path,
      remedy: 'Leave out offset and classes; labels.offset in the sidecar of a model for it is 0.',
    });
  const files = await together(paths, (each) => readRecords(each, kind));
  const labels: LabelRows = new Map();
  for (const { where, label } of files.flatMap((file) => file.labels(column)))
    labels.set(String(labels.size), { where, label, target: undefined });
  const labelled = await readClasses([...labels.keys()], labels, options, path);
  const ids = first([...labels.keys()], options.limit);
  const data = new Uint8Array(ids.length * pixels);
  for (const [i, image] of files
    .flatMap((file) => file.images)
    .slice(0, ids.length)
    .entries())
    data.set(image, i * pixels);
  const classNames = await readNames(joinPath(dirName(paths[0] as string), column.names), classes);
  return {
    name,
    ids,
    images: tensor(data, [ids.length, 3, 32, 32], 'uint8'),
    ...labelled(ids),
    labelOffset: 0,
    classes,
    ...(classNames === undefined ? {} : { classNames }),
  };
}

async function filesOf(
  path: string,
  options: DatasetOptions,
): Promise<{ kind: Kind; paths: string[]; name: string }> {
  const folder = await isFolder(path);
  const names = folder ? await listFolder(path) : [baseName(path)];
  const fits = [cifar10, cifar100].filter(({ train, test }) =>
    [...train, ...test].some((name) => names.includes(name)),
  );
  const [kind = cifar10] = fits;
  refuseOptions(options, ['size', ...(folder ? [] : (['part'] as const))], {
    where: path,
    what: folder ? kind.title : 'a file of images',
  });
  if (kind === cifar10) refuseOptions(options, ['coarse'], { where: path, what: kind.title });
  if (fits.length > 1)
    throw new AdvarenaError('DATASET_AMBIGUOUS', 'The folder holds files of CIFAR-10 and of CIFAR-100.', {
      where: path,
      remedy: 'Give each a folder of its own.',
    });
  if (!folder) return { kind, paths: [path], name: baseName(path).replace(/\.bin$/, '') };
  const part = options.part ?? (kind.test.every((name) => names.includes(name)) ? 'test' : 'train');
  const missing = kind[part].find((name) => !names.includes(name));
  if (missing !== undefined)
    throw new AdvarenaError('FILE_MISSING', `A file of the ${part} part of ${kind.title} is missing.`, {
      where: joinPath(path, missing),
      remedy: 'Unpack the archive again, or name one of its files instead of the folder.',
    });
  return { kind, paths: kind[part].map((name) => joinPath(path, name)), name: `${baseName(path)} ${part}` };
}

async function readRecords(path: string, { columns }: Kind) {
  const bytes = await readFile(path);
  const length = columns.length + pixels;
  const count = Math.floor(bytes.length / length);
  if (bytes.length === 0)
    throw new AdvarenaError('NO_IMAGES', 'The file is empty.', { where: path, remedy: 'Unpack it again.' });
  if (count * length !== bytes.length)
    throw new AdvarenaError(
      'CIFAR_INVALID',
      `The file has ${bytes.length} bytes, no whole number of records of ${length}.`,
      {
        where: `${path}, byte ${count * length}`,
        remedy: 'Unpack it again: it is cut off, or another kind.',
      },
    );
  const records = Array.from({ length: count }, (_, i) => i);
  // All labels of a record are looked at, whichever is wanted: a wrong one says that it is no such file.
  for (const i of records)
    for (const [at, { classes }] of columns.entries())
      if ((bytes[i * length + at] as number) >= classes)
        throw new AdvarenaError(
          'LABEL_RANGE',
          `The label ${bytes[i * length + at]} is not in 0 to ${classes - 1}.`,
          {
            where: `${path}, record ${i}, byte ${i * length + at}`,
            remedy: 'Unpack it again: it is damaged, or another kind of file.',
          },
        );
  return {
    images: records.map((i) => bytes.subarray(i * length + columns.length, (i + 1) * length)),
    labels: (column: Column) =>
      records.map((i) => ({
        where: `${path}, record ${i}`,
        label: bytes[i * length + columns.indexOf(column)] as number,
      })),
  };
}

/** @throws AdvarenaError CLASS_LIST unless it has as many lines as there are classes */
async function readNames(path: string, classes: number): Promise<string[] | undefined> {
  if (!(await exists(path))) return undefined;
  const lines = (await readText(path, 'CLASS_LIST')).split(/\r?\n/);
  const names = lines.map((line) => line.trim()).filter((line) => line !== '');
  if (names.length === classes) return names;
  throw new AdvarenaError('CLASS_LIST', `The list names ${names.length} classes, not ${classes}.`, {
    where: path,
    remedy: 'Unpack it again, or take it away.',
  });
}
