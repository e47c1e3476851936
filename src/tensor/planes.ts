/** Arrays of pixels in some order of their channels. */
type Pixels = Uint8Array | Float32Array;

/**
 * Pixels in the order of networks from those in the order of image files.
 * @param data [H, W, C]; not modified
 * @returns [C, H, W]
 * @throws RangeError if the data do not hold whole pixels of so many channels
 */
export function channelsFirst<A extends Pixels>(data: A, channels: number): A {
  const area = areaOf(data, channels);
  const out = emptyLike(data);
  for (let c = 0; c < channels; c++)
    for (let i = 0; i < area; i++) out[c * area + i] = data[i * channels + c] as number;
  return out as A;
}

/**
 * Pixels in the order of image files from those in the order of networks.
 * @param data [C, H, W]; not modified
 * @returns [H, W, C]
 * @throws RangeError if the data do not hold whole planes of so many channels
 */
export function channelsLast<A extends Pixels>(data: A, channels: number): A {
  const area = areaOf(data, channels);
  const out = emptyLike(data);
  for (let c = 0; c < channels; c++)
    for (let i = 0; i < area; i++) out[i * channels + c] = data[c * area + i] as number;
  return out as A;
}

function emptyLike(data: Pixels): Pixels {
  return data instanceof Float32Array ? new Float32Array(data.length) : new Uint8Array(data.length);
}

/** Pixels of one channel. */
function areaOf(data: Pixels, channels: number): number {
  const area = data.length / channels;
  if (!Number.isInteger(area))
    throw new RangeError(`${data.length} values are no pixels of ${channels} channels`);
  return area;
}
