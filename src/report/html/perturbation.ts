import { type DecodedImage, encodePng } from '../../data/index.ts';
import { AdvarenaError } from '../../tensor/index.ts';

/** The change between two images, made visible. */
export interface Perturbation {
  /** PNG of middle grey plus `factor` times the change. */
  png: Uint8Array;
  factor: number;
  /** Largest change of a value, in 8-bit levels. */
  largest: number;
}

const grey = 128;

/**
 * Magnifies a change by the largest whole factor that neither end of the 8-bit range cuts off.
 * @param where what messages call the images
 * @throws AdvarenaError IMAGE_SIZE if the images differ in size
 */
export async function magnify(
  clean: DecodedImage,
  adversarial: DecodedImage,
  where: string,
): Promise<Perturbation> {
  if (sizeText(clean) !== sizeText(adversarial))
    throw new AdvarenaError(
      'IMAGE_SIZE',
      `The clean image is ${sizeText(clean)}, the adversarial one ${sizeText(adversarial)}.`,
      { where, remedy: 'Give the images of one run.' },
    );
  const before = clean.data;
  const after = adversarial.data;
  let largest = 0;
  for (let i = 0; i < before.length; i++)
    largest = Math.max(largest, Math.abs((after[i] as number) - (before[i] as number)));
  const factor = Math.max(1, Math.floor((255 - grey) / Math.max(1, largest)));
  const data = before.map((v, i) => Math.min(255, Math.max(0, grey + factor * ((after[i] as number) - v))));
  return { png: await encodePng({ ...clean, data }), factor, largest };
}

function sizeText({ width, height, channels }: DecodedImage): string {
  return `${width}×${height} in ${channels === 1 ? 'grey' : 'RGB'}`;
}
