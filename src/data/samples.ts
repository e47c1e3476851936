import { AdvarenaError } from '../tensor/index.ts';
import { checkTarget, hasIds, type LabelRows, readLabels } from './labels.ts';
import type { Dataset, DatasetOptions } from './types.ts';

/**
 * Reads and checks labels and targets of all samples; the result gives those of some.
 * @param given a file of labels, or labels by id
 * @param where what messages call the images
 * @throws AdvarenaError as readLabels, LABEL_MISSING, IMAGE_MISSING, TARGET_IS_LABEL
 */
export async function readClasses(
  all: readonly string[],
  given: string | LabelRows | undefined,
  options: DatasetOptions,
  where: string,
): Promise<(ids: readonly string[]) => Pick<Dataset, 'labels' | 'targets'>> {
  const read = async (path: string | undefined, column: 'label' | 'target') => {
    if (path === undefined) return undefined;
    const found = await readLabels(path, column, options);
    const named = hasIds(path) ? found : rename(found, all, path);
    checkIds(all, named, where);
    return named;
  };
  const labels = typeof given === 'object' ? given : await read(given, 'label');
  const targets = await read(options.targets, 'target');
  for (const [id, row] of targets ?? []) checkTarget({ ...row, label: labels?.get(id)?.label });
  return (ids) => classesOf(ids, labels, targets);
}

/** Some files have no ids: its rows are the images in order. */
function rename(found: LabelRows, ids: readonly string[], path: string): LabelRows {
  if (found.size !== ids.length)
    throw new AdvarenaError('LABEL_MISSING', `${found.size} labels for ${ids.length} images.`, {
      where: path,
      remedy: 'Save one label per image, in the order of the images.',
    });
  return new Map([...found.values()].map((row, i) => [ids[i] as string, row]));
}

/** Labels and targets of some samples; undefined where not all have them. */
export function classesOf(
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
export function checkIds(images: readonly string[], labels: LabelRows, where: string): void {
  const unlabelled = images.filter((id) => !labels.has(id));
  const [sought] = unlabelled;
  if (sought !== undefined) {
    const longer = [...labels].find(([id]) => id.toLowerCase() === `${sought}.png`.toLowerCase());
    throw new AdvarenaError('LABEL_MISSING', `No label for ${some(unlabelled)}.`, {
      where: longer?.[1].where ?? where,
      remedy:
        longer === undefined
          ? 'Add their rows, or take the images away.'
          : `Write "${sought}" instead of "${longer[0]}": an id is the name of the file without .png.`,
    });
  }
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

/** The samples to load. @throws RangeError if limit is not a whole number from 1 */
export function first(ids: string[], limit: number | undefined): string[] {
  if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1))
    throw new RangeError(`limit ${limit} is not a whole number from 1`);
  return ids.slice(0, limit);
}

/**
 * For options that some formats have and this one has not.
 * @param what the format, as messages call it
 * @throws AdvarenaError OPTION_CONFLICT
 */
export function refuseOptions(
  options: DatasetOptions,
  names: readonly (keyof DatasetOptions)[],
  { where, what }: { where: string; what: string },
): void {
  const name = names.find((each) => options[each] !== undefined);
  if (name === undefined) return;
  throw new AdvarenaError('OPTION_CONFLICT', `The option ${name} means nothing for ${what}.`, {
    where,
    remedy: `Leave out ${name}.`,
  });
}
