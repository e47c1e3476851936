import type { DecodedImage } from '../../src/data/index.ts';

/**
 * Images side by side on white.
 * @param images levels, each [3, side, side]
 * @param scale whole number of pixels that one pixel becomes, across and down
 */
export function contactSheet(
  images: readonly Uint8Array[],
  { side, columns, scale, gap }: { side: number; columns: number; scale: number; gap: number },
): DecodedImage {
  const pitch = side * scale + gap;
  const width = columns * pitch - gap;
  const height = Math.ceil(images.length / columns) * pitch - gap;
  const data = new Uint8Array(height * width * 3).fill(255);
  images.forEach((image, n) => {
    const left = (n % columns) * pitch;
    const top = Math.floor(n / columns) * pitch;
    for (let y = 0; y < side * scale; y++)
      for (let x = 0; x < side * scale; x++)
        for (let c = 0; c < 3; c++) {
          const from = (c * side + Math.floor(y / scale)) * side + Math.floor(x / scale);
          data[((top + y) * width + left + x) * 3 + c] = image[from] as number;
        }
  });
  return { height, width, channels: 3, data };
}
