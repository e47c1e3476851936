import { baseName, joinPath, listFolder, readFile } from '../runtime/index.ts';
import { AdvarenaError, rows, type Tensor, toFloat } from '../tensor/index.ts';
import { readCard } from './card.ts';
import { readTable } from './csv.ts';
import { findImages, type Pictures, readImageArray, readImages } from './images.ts';
import { checkTarget, competitionHeader, competitionRows, type LabelRows, readLabels } from './labels.ts';

/** Labelled images. Classes are counted from 0, as the columns of a model's scores are. */
export interface Dataset {
  name: string;
  /** One per image, all different. */
  ids: string[];
  /** [N, C, H, W]: 8-bit levels, or float32 in [0,1]. */
  images: Pictures;
  /** True class of each image. */
  labels: Int32Array | undefined;
  /** Class that a targeted attack has to reach. */
  targets: Int32Array | undefined;
  /** Class + labelOffset = the label in the dataset's own files; for messages and files only. */
  labelOffset: number;
  /** Number of classes, where it is known. */
  classes: number | undefined;
}

export interface DatasetOptions {
  /** A file of target classes, CSV `id,target` or `.npy`, where the labels' file has none. */
  targets?: string;
  /** What the files call the first class: 0 by default. */
  offset?: number;
  /** Number of classes: labels beyond are refused. */
  classes?: number;
  /** Only the first so many samples. */
  limit?: number;
}

/** The images as float32 in [0,1]; float32 ones are not copied. */
export function pixels({ images }: Dataset): Tensor {
  return images.dtype === 'float32' ? images : toFloat(images);
}

/**
 * Loads a dataset by what the paths are.
 * - `images`: a folder of PNG files, or a `.npy` batch.
 * - `labels`: a CSV `id,label` or `id,label,target`, the CSV of the NIPS 2017 competition, or a `.npy`. If left
 *   out, the one CSV in the folder that is the competition's, else `labels.csv` there, else no labels.
 *
 * Ids are file names without `.png`, and row numbers in a batch. Samples come in the order of the competition's
 * CSV, of sorted file names, or of the rows.
 * @throws AdvarenaError with file and row: see {@link loadCompetition}, {@link loadFolder}, {@link loadNpyBatch}
 */
export async function loadDataset({
  images,
  labels,
  ...options
}: DatasetOptions & { images: string; labels?: string }): Promise<Dataset> {
  if (/\.npy$/i.test(images)) return loadNpyBatch(images, labels, options);
  const path = labels ?? (await findLabels(images));
  if (path === undefined || /\.npy$/i.test(path) || !(await isCompetition(path)))
    return loadFolder(images, path, options);
  const { offset, classes } = await competitionClasses(path);
  const differ = (options.offset ?? offset) !== offset || (options.classes ?? classes) !== classes;
  if (options.targets !== undefined || differ)
    throw new AdvarenaError(
      'OPTION_CONFLICT',
      `The competition's CSV has its own targets and ${classes} labels from ${offset}.`,
      { where: path, remedy: 'Leave out targets, offset and classes.' },
    );
  return loadCompetition(images, path, options);
}

/** What the labels of a competition's CSV are: 1 to 1000, unless a card beside it says otherwise. */
async function competitionClasses(csvPath: string): Promise<{ offset: number; classes: number }> {
  const card = await readCard(csvPath);
  return card === undefined
    ? { offset: 1, classes: 1000 }
    : { offset: card.offset, classes: card.classes.length };
}

/**
 * The NIPS 2017 competition's format: `ImageId.png` files and a CSV with TrueLabel and TargetClass of 1 to 1000, or
 * of the classes that a `dataset.json` beside it names.
 * @param csvPath by default the one in the folder with the competition's header
 * @throws AdvarenaError CSV_INVALID, DUPLICATE_ID, LABEL_INVALID, LABEL_RANGE, TARGET_IS_LABEL, IMAGE_MISSING,
 *   LABEL_MISSING, IMAGE_SIZE, IMAGE_FORMAT, IMAGE_UNREADABLE, NO_IMAGES, DATASET_CARD
 */
export async function loadCompetition(
  folder: string,
  csvPath?: string,
  { limit }: Pick<DatasetOptions, 'limit'> = {},
): Promise<Dataset> {
  const path = csvPath ?? (await findLabels(folder));
  const table = path === undefined ? undefined : await readTable(path);
  if (table?.header.join() !== competitionHeader)
    throw new AdvarenaError('CSV_INVALID', "There is no CSV with the competition's header.", {
      where: path ?? folder,
      remedy: `Its first line is ${competitionHeader}.`,
    });
  const { offset, classes } = await competitionClasses(table.path);
  const labels = competitionRows(table, { offset, classes });
  const files = await findImages(folder);
  checkIds([...files.keys()], labels, folder);
  const ids = first([...labels.keys()], limit);
  return {
    name: baseName(folder),
    ids,
    images: await readImages(ids.map((id) => files.get(id) as string)),
    ...classesOf(ids, labels, undefined),
    labelOffset: offset,
    classes,
  };
}

/**
 * A folder of PNG files, with labels from a CSV or a `.npy` (in the order of the file names), or without.
 * @throws AdvarenaError as {@link loadCompetition}, and NPY_... for arrays
 */
export async function loadFolder(
  folder: string,
  labelsPath?: string,
  options: DatasetOptions = {},
): Promise<Dataset> {
  const files = await findImages(folder);
  const all = [...files.keys()];
  const labelled = await readClasses(all, labelsPath, options, folder);
  const ids = first(all, options.limit);
  return {
    name: baseName(folder),
    ids,
    images: await readImages(ids.map((id) => files.get(id) as string)),
    ...labelled(ids),
    labelOffset: options.offset ?? 0,
    classes: options.classes,
  };
}

/**
 * A batch in a `.npy`: uint8, or float32 in [0,1], [N, C, H, W] or [N, H, W, C]; labels in a `.npy` [N], or in a
 * CSV whose ids are row numbers.
 * @throws AdvarenaError as {@link loadCompetition}, PIXEL_RANGE and NPY_... for arrays
 */
export async function loadNpyBatch(
  imagesPath: string,
  labelsPath?: string,
  options: DatasetOptions = {},
): Promise<Dataset> {
  const images = await readImageArray(imagesPath);
  const all = Array.from({ length: images.shape[0] as number }, (_, i) => String(i));
  const labelled = await readClasses(all, labelsPath, options, imagesPath);
  const ids = first(all, options.limit);
  return {
    name: baseName(imagesPath).replace(/\.npy$/i, ''),
    ids,
    images: rows<'uint8'>(images as Tensor<'uint8'>, 0, ids.length),
    ...labelled(ids),
    labelOffset: options.offset ?? 0,
    classes: options.classes,
  };
}

async function findLabels(folder: string): Promise<string | undefined> {
  const tables = (await listFolder(folder)).filter((name) => /\.csv$/i.test(name));
  const paths = tables.map((name) => joinPath(folder, name));
  const fits = await Promise.all(paths.map(isCompetition));
  const found = paths.filter((_, i) => fits[i]);
  if (found.length > 1)
    throw new AdvarenaError('CSV_INVALID', `The folder holds ${found.length} CSV files of the competition.`, {
      where: folder,
      remedy: 'Name the one to use.',
    });
  return found[0] ?? paths[tables.indexOf('labels.csv')];
}

/** By the first line alone: other CSV files in a folder need not be tables. */
async function isCompetition(path: string): Promise<boolean> {
  const start = new TextDecoder().decode((await readFile(path)).subarray(0, 400));
  return start.split(/\r?\n/, 1)[0] === competitionHeader;
}

/** Reads and checks labels and targets of all samples; the result gives those of some. */
async function readClasses(
  all: readonly string[],
  labelsPath: string | undefined,
  options: DatasetOptions,
  where: string,
): Promise<(ids: readonly string[]) => Pick<Dataset, 'labels' | 'targets'>> {
  const read = async (path: string | undefined, column: 'label' | 'target') => {
    if (path === undefined) return undefined;
    const found = await readLabels(path, column, options);
    const named = /\.npy$/i.test(path) ? rename(found, all, path) : found;
    checkIds(all, named, where);
    return named;
  };
  const labels = await read(labelsPath, 'label');
  const targets = await read(options.targets, 'target');
  for (const [id, row] of targets ?? []) checkTarget({ ...row, label: labels?.get(id)?.label });
  return (ids) => classesOf(ids, labels, targets);
}

/** A `.npy` has no ids: its rows are the images in order. */
function rename(found: LabelRows, ids: readonly string[], path: string): LabelRows {
  if (found.size !== ids.length)
    throw new AdvarenaError('LABEL_MISSING', `${found.size} labels for ${ids.length} images.`, {
      where: path,
      remedy: 'Save one label per image, in the order of the images.',
    });
  return new Map([...found.values()].map((row, i) => [ids[i] as string, row]));
}

function classesOf(
  ids: readonly string[],
  labels: LabelRows | undefined,
  targets: LabelRows | undefined,
): Pick<Dataset, 'labels' | 'targets'> {
  const column = (found: LabelRows | undefined, name: 'label' | 'target') => {
    const values = ids.map((id) => found?.get(id)?.[name]);
    return values.includes(undefined) ? undefined : Int32Array.from(values as number[]);
  };
  return { labels: column(labels, 'label'), targets: column(targets ?? labels, 'target') };
}

/** @throws AdvarenaError unless images and rows have the same ids */
function checkIds(images: readonly string[], labels: LabelRows, where: string): void {
  const unlabelled = images.filter((id) => !labels.has(id));
  if (unlabelled.length > 0)
    throw new AdvarenaError('LABEL_MISSING', `No label for ${some(unlabelled)}.`, {
      where,
      remedy: 'Add their rows, or take the images away.',
    });
  const known = new Set(images);
  const missing = [...labels.keys()].filter((id) => !known.has(id));
  if (missing.length > 0)
    throw new AdvarenaError('IMAGE_MISSING', `No image for ${some(missing)}.`, {
      where: labels.get(missing[0] as string)?.where ?? where,
      remedy: 'Add the images, or take the rows away; an id is the name of the file without .png.',
    });
}

function some(ids: readonly string[]): string {
  const more = ids.length > 5 ? ` and ${ids.length - 5} more` : '';
  return `${ids
    .slice(0, 5)
    .map((id) => `"${id}"`)
    .join(', ')}${more}`;
}

/** @throws RangeError if limit is not a whole number from 1 */
function first(ids: string[], limit: number | undefined): string[] {
  if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1))
    throw new RangeError(`limit ${limit} is not a whole number from 1`);
  return ids.slice(0, limit);
}
