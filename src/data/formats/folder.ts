import { baseName } from '../../runtime/index.ts';
import { findImages, readImages } from '../images.ts';
import { first, readClasses, refuseOptions } from '../samples.ts';
import type { Dataset, DatasetOptions } from '../types.ts';

/**
 * A folder of PNG files, with labels from a CSV or a `.npy` (in the order of the file names), or without.
 * @throws AdvarenaError as {@link loadCompetition}, and NPY_... for arrays
 */
export async function loadFolder(
  folder: string,
  labelsPath?: string,
  options: DatasetOptions = {},
): Promise<Dataset> {
  refuseOptions(options, ['part', 'coarse'], { where: folder, what: 'a folder of images' });
  const files = await findImages(folder);
  const all = [...files.keys()];
  const labelled = await readClasses(all, labelsPath, options, folder);
  const ids = first(all, options.limit);
  return {
    name: baseName(folder),
    ids,
    images: await readImages(
      ids.map((id) => files.get(id) as string),
      options,
    ),
    ...labelled(ids),
    labelOffset: options.offset ?? 0,
    classes: options.classes,
  };
}
