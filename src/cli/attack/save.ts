import { type Dataset, encodePng } from '../../data/index.ts';
import type { AttackOutcome } from '../../judge/index.ts';
import { attackHtml, type NamedAttackResult } from '../../report/index.ts';
import { dirName, isFolder, joinPath, listFolder, makeFolder, writeFileAtomic } from '../../runtime/index.ts';
import {
  AdvarenaError,
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

/**
 * Refuses to save beside images that would stay, for whoever reads the folder takes them for this attack's. What an
 * equal command wrote before is replaced.
 * @param saved its {@link savedFiles}
 * @throws AdvarenaError OUTPUT_EXISTS
 */
export async function refuseLeftovers(
  save: string | undefined,
  saved: readonly (readonly string[])[],
  { ids }: Dataset,
): Promise<void> {
  if (save === undefined) return;
  const files = new Set(saved.flat());
  const folders = new Set([dirName(joinPath(save, 'any')), ...[...files].map(dirName)]);
  // Of class folders, those count too of which no image is attacked.
  if (ids.some((id) => id.includes('/')))
    for (const root of new Set([...files].map((file) => dirName(dirName(file)))))
      if (await isFolder(root))
        for (const name of await listFolder(root))
          if (await isFolder(joinPath(root, name))) folders.add(joinPath(root, name));
  const left: string[] = [];
  for (const folder of folders)
    if (await isFolder(folder))
      for (const name of await listFolder(folder))
        if (/^[^.].*\.png$|^adversarial\.npy$/i.test(name) && !files.has(joinPath(folder, name)))
          left.push(joinPath(folder, name));
  const [first] = left;
  if (first === undefined) return;
  const more = left.length === 1 ? '' : `, and ${left.length - 1} more beside`;
  throw new AdvarenaError(
    'OUTPUT_EXISTS',
    `This image is there already and would stay${more}: it would look like one of this attack.`,
    { where: first, remedy: 'Give --save another folder, or empty this one.' },
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
