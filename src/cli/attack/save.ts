import { type Dataset, encodePng } from '../../data/index.ts';
import type { AttackOutcome } from '../../judge/index.ts';
import { attackHtml, type NamedAttackResult } from '../../report/index.ts';
import { dirName, joinPath, makeFolder, writeFileAtomic } from '../../runtime/index.ts';
import {
  channelsLast,
  epsilonText,
  type Norm,
  rows,
  type Tensor,
  toUint8,
  writeNpy,
} from '../../tensor/index.ts';
import type { AttackFlags } from './flags.ts';

/**
 * The files of `--save`, per radius: ID.png each, or one adversarial.npy where images are not 8-bit. Of several radii
 * each has a folder of its own, such as `8-255`.
 */
export function savedFiles(
  { save, epsilon, pixels }: Pick<AttackFlags, 'save' | 'epsilon' | 'pixels'>,
  norm: Norm,
  { ids }: Dataset,
): string[][] {
  if (save === undefined) return [];
  const radii = typeof epsilon === 'object' && epsilon.length > 1 ? epsilon : undefined;
  const names = radii?.map((radius) => epsilonText(norm, radius).replaceAll(/[/ ]/g, '-'));
  const folders = names?.map((name, i) => {
    // Radii that differ in later digits alone have all of them in their names.
    const shared = names.some((other, j) => other === name && j !== i);
    return joinPath(save, shared ? String(radii?.[i]) : name);
  });
  return (folders ?? [save]).map((folder) =>
    pixels === '8-bit'
      ? ids.map((id) => joinPath(folder, `${id}.png`))
      : [joinPath(folder, 'adversarial.npy')],
  );
}

/** Writes the adversarial images of each radius to its {@link savedFiles}. */
export async function saveImages(
  files: readonly (readonly string[])[],
  outcomes: readonly AttackOutcome[],
): Promise<void> {
  for (const [r, { adversarial }] of outcomes.entries()) {
    const { bytes, images } = adversarial;
    for (const [i, path] of (files[r] as readonly string[]).entries()) {
      // The id of an image of a class folder holds its folder.
      await makeFolder(dirName(path));
      await writeFileAtomic(
        path,
        bytes === undefined ? writeNpy(images) : await encodePng(toImage(rows(bytes, i, i + 1))),
      );
    }
  }
}

/** Writes the HTML report, with a part for each radius. */
export async function saveReport(
  file: string,
  results: readonly NamedAttackResult[],
  { outcomes, dataset }: { outcomes: readonly AttackOutcome[]; dataset: Dataset },
): Promise<void> {
  const clean = dataset.images.dtype === 'uint8' ? dataset.images : toUint8(dataset.images);
  const parts = results.map((result, i) => {
    const { bytes, images } = (outcomes[i] as AttackOutcome).adversarial;
    return { result, images: { clean, adversarial: bytes ?? toUint8(images) } };
  });
  await writeFileAtomic(file, new TextEncoder().encode(await attackHtml(parts)));
}

/** One row [1, C, H, W] as pixels in the order of image files. */
function toImage({ shape, data }: Tensor<'uint8'>): Parameters<typeof encodePng>[0] {
  const [, channels = 1, height = 0, width = 0] = shape;
  return { height, width, channels, data: channelsLast(data, channels) };
}
