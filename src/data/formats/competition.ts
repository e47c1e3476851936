import { baseName, joinPath, listFolder } from '../../runtime/index.ts';
import { AdvarenaError } from '../../tensor/index.ts';
import { readCard } from '../card.ts';
import { readHeader, readTable } from '../csv.ts';
import { findImages, readImages } from '../images.ts';
import { competitionHeader, competitionRows } from '../labels.ts';
import { checkIds, classesOf, first, refuseOptions } from '../samples.ts';
import type { Dataset, DatasetOptions } from '../types.ts';

/**
 * The NIPS 2017 competition's format: `ImageId.png` files and a CSV with TrueLabel and TargetClass of 1 to 1000, or
 * of the classes that a `dataset.json` beside it names.
 * @param csvPath by default the one in the folder with the competition's header
 * @throws AdvarenaError CSV_INVALID, DUPLICATE_ID, LABEL_INVALID, LABEL_RANGE, TARGET_IS_LABEL, IMAGE_MISSING,
 *   LABEL_MISSING, IMAGE_SIZE, IMAGE_FORMAT, IMAGE_UNREADABLE, NO_IMAGES, DATASET_CARD, OPTION_CONFLICT
 */
export async function loadCompetition(
  folder: string,
  csvPath?: string,
  options: DatasetOptions = {},
): Promise<Dataset> {
  const path = csvPath ?? (await findLabels(folder));
  const table = path === undefined ? undefined : await readTable(path);
  if (table?.header.join() !== competitionHeader)
    throw new AdvarenaError('CSV_INVALID', "There is no CSV with the competition's header.", {
      where: path ?? folder,
      remedy: `Its first line is ${competitionHeader}.`,
    });
  const card = await readCard(table.path);
  const offset = card?.offset ?? 1;
  const classes = card?.classes.length ?? 1000;
  const differ = (options.offset ?? offset) !== offset || (options.classes ?? classes) !== classes;
  if (options.targets !== undefined || differ)
    throw new AdvarenaError(
      'OPTION_CONFLICT',
      `The competition's CSV has its own targets and ${classes} labels from ${offset}.`,
      { where: table.path, remedy: 'Leave out targets, offset and classes.' },
    );
  refuseOptions(options, ['part', 'coarse'], { where: folder, what: 'a folder of images' });
  const labels = competitionRows(table, { offset, classes });
  const files = await findImages(folder);
  checkIds([...files.keys()], labels, folder);
  const ids = first([...labels.keys()], options.limit);
  return {
    name: baseName(folder),
    ids,
    images: await readImages(
      ids.map((id) => files.get(id) as string),
      options,
    ),
    ...classesOf(ids, labels, undefined),
    labelOffset: offset,
    classes,
    ...(card === undefined ? {} : { classNames: card.classes }),
  };
}

/**
 * The CSV in a folder with the competition's header, else `labels.csv`.
 * @throws AdvarenaError CSV_INVALID where several have it
 */
export async function findLabels(folder: string): Promise<string | undefined> {
  const tables = (await listFolder(folder)).filter((name) => /\.csv$/i.test(name));
  const paths = tables.map((name) => joinPath(folder, name));
  const found = paths.filter(isCompetition);
  if (found.length > 1)
    throw new AdvarenaError('CSV_INVALID', `The folder holds ${found.length} CSV files of the competition.`, {
      where: folder,
      remedy: 'Name the one to use.',
    });
  return found[0] ?? paths[tables.indexOf('labels.csv')];
}

/** By the first line alone: other CSV files in a folder need not be tables. */
export function isCompetition(path: string): boolean {
  return readHeader(path).join() === competitionHeader;
}
