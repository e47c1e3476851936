import { decodePng, encodePng } from '../data/index.ts';
import { sha256 } from '../runtime/index.ts';
import { channelsFirst, channelsLast, rowSize, rows, type Tensor } from '../tensor/index.ts';

/** SHA-256 of one image's 8-bit levels, channel by channel: what an image is, whatever its file. */
export function hashRow(images: Tensor<'uint8'>, row: number): string {
  return sha256(rows(images, row, row + 1).data);
}

/** One image of a batch [N, C, H, W] as a PNG file. */
function encodeRow(images: Tensor<'uint8'>, row: number): Promise<Uint8Array> {
  const [, channels = 0, height = 0, width = 0] = images.shape;
  const data = channelsLast(rows(images, row, row + 1).data, channels);
  return encodePng({ height, width, channels, data });
}

/**
 * Decodes a PNG file into a row of a batch of its size.
 * @param where what messages call the file
 */
export async function decodeRow(
  bytes: Uint8Array,
  images: Tensor<'uint8'>,
  row: number,
  where: string,
): Promise<void> {
  const { channels, data } = await decodePng(bytes, where);
  const size = rowSize(images);
  if (data.length !== size) throw new RangeError(`${data.length} levels do not fill a row of ${size}`);
  images.data.set(channelsFirst(data, channels), row * size);
}

/** Each image of a batch as a PNG file, by its id. */
export async function pngs(
  images: Tensor<'uint8'>,
  ids: readonly string[],
): Promise<Record<string, Uint8Array>> {
  const files: Uint8Array[] = [];
  await inTurns(ids.length, async (i) => {
    files[i] = await encodeRow(images, i);
  });
  return Object.fromEntries(ids.map((id, i) => [id, files[i] as Uint8Array]));
}

/** A few at once: enough for the codec's threads. */
export async function inTurns(count: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: 4 }, worker));
}
