import { type Nuisance, type RoadsignPart, renderRoadsign } from '../data/index.ts';
import type { JobContext } from '../runtime/index.ts';

/** Some photographs of one part, as plain data. */
export interface RenderWork {
  part: RoadsignPart;
  seed: number | string;
  from: number;
  to: number;
  off?: readonly Nuisance[];
  greySign?: boolean;
}

/** Levels of the photographs one after another, [to − from, 3, 64, 64], and then their labels, one byte each. */
export async function render(data: unknown, context: JobContext): Promise<Uint8Array> {
  const { from, to, greySign, ...options } = data as RenderWork;
  let bytes = new Uint8Array();
  for (let at = from; at < to; at += 8) {
    await context.pause();
    // While the codec works on some, the next are painted.
    const indices = Array.from({ length: Math.min(8, to - at) }, (_, i) => at + i);
    const signs = await Promise.all(indices.map((index) => renderRoadsign({ ...options, index })));
    for (const [k, { image, mask, label }] of signs.entries()) {
      if (bytes.length === 0) bytes = new Uint8Array((to - from) * (image.length + 1));
      if (greySign === true)
        for (let i = 0; i < image.length; i++) if (mask[i % mask.length] === 1) image[i] = 128;
      bytes.set(image, (at - from + k) * image.length);
      bytes[(to - from) * image.length + (at - from + k)] = label;
    }
  }
  return bytes;
}
