import { encodePng } from '#codec';
import { exists, joinPath, listFolder, makeFolder, sha256, writeFileAtomic } from '../../runtime/index.ts';
import { AdvarenaError, channelsLast } from '../../tensor/index.ts';
import { cardFile } from '../card.ts';
import { competitionHeader } from '../labels.ts';
import { type RoadsignOptions, renderRoadsign } from '../roadsigns.ts';
import { imageSize } from './canvas.ts';
import { checkNames } from './parameters.ts';
import type { Pose } from './pose.ts';
import { roadsignClasses } from './signs.ts';

export interface WriteOptions extends RoadsignOptions {
  count: number;
  /** A folder that is empty or not there yet. */
  folder: string;
  /** Called with the number of photographs that are written. */
  onProgress?: (done: number) => void;
  signal?: AbortSignal;
}

/**
 * Writes photographs in the layout of the NIPS 2017 competition: `ID.png`, `dataset.csv` (labels from 0, no URLs)
 * and the card `dataset.json`, so that `loadDataset` reads the folder; beside them `masks/ID.png` (255 where the sign
 * is seen) and `poses.json`. The seed is not written: it may be a secret.
 * @returns hash of all levels, in the order of the images
 * @throws RangeError if count is not a whole number from 1
 * @throws AdvarenaError FOLDER_IN_USE, ARGUMENT, DISK_FULL, OUTPUT_UNWRITABLE; the signal's reason when it is set
 */
export async function writeRoadsigns(options: WriteOptions): Promise<{ sha256: string }> {
  const { count, folder, onProgress, signal, ...render } = options;
  if (!Number.isSafeInteger(count) || count < 1)
    throw new RangeError(`count ${count} is not a whole number from 1`);
  checkNames(render.part, render.off ?? []);
  if ((await exists(folder)) && (await listFolder(folder)).length > 0)
    throw new AdvarenaError('FOLDER_IN_USE', 'The folder is not empty.', {
      where: folder,
      remedy: 'Name another, or empty it: two datasets must not mix.',
    });
  const masks = joinPath(folder, 'masks');
  await makeFolder(masks);
  const rows = [competitionHeader];
  const poses: Record<string, Pose> = {};
  const hashes: string[] = [];
  for (let from = 0; from < count; from += 8) {
    const indices = Array.from({ length: Math.min(8, count - from) }, (_, i) => from + i);
    const signs = await Promise.all(
      indices.map(async (index) => {
        const sign = await renderRoadsign({ ...render, index });
        await writeFileAtomic(joinPath(folder, `${sign.id}.png`), await png(sign.image, 3));
        const seen = sign.mask.map((value) => 255 * value);
        await writeFileAtomic(joinPath(masks, `${sign.id}.png`), await png(seen, 1));
        return sign;
      }),
    );
    for (const { id, label, target, pose, image } of signs) {
      rows.push(`${id},,0,0,1,1,${label},${target},,,,`);
      poses[id] = pose;
      hashes.push(sha256(image));
    }
    onProgress?.(from + signs.length);
    signal?.throwIfAborted();
  }
  const write = (name: string, text: string): Promise<void> =>
    writeFileAtomic(joinPath(folder, name), new TextEncoder().encode(text));
  const card = { name: `roadsigns ${render.part}`, offset: 0, classes: roadsignClasses };
  await write('poses.json', `${JSON.stringify(poses)}\n`);
  await write(cardFile, `${JSON.stringify(card, undefined, 2)}\n`);
  await write('dataset.csv', `${rows.join('\n')}\n`);
  return { sha256: sha256(new TextEncoder().encode(hashes.join('\n'))) };
}

/** @param levels [channels, 64, 64] */
function png(levels: Uint8Array, channels: number): Promise<Uint8Array> {
  const data = channelsLast(levels, channels);
  return encodePng({ height: imageSize, width: imageSize, channels, data });
}
