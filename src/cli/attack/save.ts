import { type Dataset, encodePng } from '../../data/index.ts';
import type { AttackOutcome } from '../../judge/index.ts';
import { attackHtml, type NamedAttackResult } from '../../report/index.ts';
import { dirName, joinPath, makeFolder, writeFileAtomic } from '../../runtime/index.ts';
import { channelsLast, epsilonText, rows, type Tensor, toUint8, writeNpy } from '../../tensor/index.ts';

/**
 * Writes the adversarial images: ID.png each, or one adversarial.npy where they are not 8-bit. Of several radii each
 * has a folder of its own, such as `8-255`.
 */
export async function saveImages(
  folder: string,
  outcomes: readonly AttackOutcome[],
  dataset: Dataset,
): Promise<void> {
  const [only] = outcomes;
  if (outcomes.length === 1 && only !== undefined) return saveOne(folder, only, dataset);
  const names = outcomes.map(({ norm, epsilon }) =>
    epsilonText(norm, epsilon as number).replaceAll(/[/ ]/g, '-'),
  );
  for (const [i, outcome] of outcomes.entries()) {
    // Radii that differ in later digits alone have all of them in their names.
    const shared = names.some((name, j) => name === names[i] && j !== i);
    const own = shared ? String(outcome.epsilon) : (names[i] as string);
    await saveOne(joinPath(folder, own), outcome, dataset);
  }
}

async function saveOne(folder: string, outcome: AttackOutcome, dataset: Dataset): Promise<void> {
  const { bytes, images } = outcome.adversarial;
  await makeFolder(folder);
  if (bytes === undefined) {
    await writeFileAtomic(joinPath(folder, 'adversarial.npy'), writeNpy(images));
    return;
  }
  for (const [i, id] of dataset.ids.entries()) {
    const png = await encodePng(toImage(rows(bytes, i, i + 1)));
    const path = joinPath(folder, `${id}.png`);
    // The id of an image of a class folder holds its folder.
    await makeFolder(dirName(path));
    await writeFileAtomic(path, png);
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
