import { baseName } from '../../runtime/index.ts';
import { rows, type Tensor } from '../../tensor/index.ts';
import { readImageArray } from '../images.ts';
import { first, readClasses, refuseOptions } from '../samples.ts';
import type { Dataset, DatasetOptions } from '../types.ts';

/**
 * A batch in a `.npy`: uint8, or float32 in [0,1], [N, C, H, W] or [N, H, W, C]; labels in a `.npy` [N] or
 * an idx file, or in a CSV whose ids are row numbers.
 * @throws AdvarenaError as {@link loadCompetition}, PIXEL_RANGE and NPY_... for arrays
 */
export async function loadNpyBatch(
  imagesPath: string,
  labelsPath?: string,
  options: DatasetOptions = {},
): Promise<Dataset> {
  refuseOptions(options, ['size', 'part', 'coarse'], { where: imagesPath, what: 'a batch in one file' });
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
