import { type Nuisance, type Pose, type RoadsignPart, renderRoadsign } from '../data/index.ts';
import type { Job, JobContext } from '../runtime/index.ts';

/** Some photographs of one part, as plain data. */
export interface RenderWork {
  part: RoadsignPart;
  seed: number | string;
  from: number;
  to: number;
  off?: readonly Nuisance[];
  /** As {@link hideSign}. */
  greySign?: boolean;
}

/** The job of rendering some photographs, for a host: see {@link render}. */
export function renderJob(work: RenderWork): Job {
  return { module: import.meta.url, name: 'render', data: work };
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
    for (const [k, { image, pose, label }] of signs.entries()) {
      if (bytes.length === 0) bytes = new Uint8Array((to - from) * (image.length + 1));
      if (greySign === true) hideSign(image, pose);
      bytes.set(image, (at - from + k) * image.length);
      bytes[(to - from) * image.length + (at - from + k)] = label;
    }
  }
  return bytes;
}

/** Pixels beyond the sign's square that are hidden with it: blur, enlargement and JPEG carry its light so far. */
const border = 4;

/**
 * Sets a sign to mid grey in its image: all of the upright rectangle about its square, and a border. Its outline would
 * tell a triangle from a disc; the square, which depends on the pose alone, tells nothing of the class.
 * @param image levels, [3, 64, 64]; changed
 */
export function hideSign(image: Uint8Array, { corners }: Pick<Pose, 'corners'>): void {
  const side = 64;
  const range = (axis: 0 | 1): [from: number, to: number] => {
    const all = corners.map((corner) => corner[axis]);
    const within = (v: number): number => Math.min(side, Math.max(0, v));
    return [within(Math.floor(Math.min(...all)) - border), within(Math.ceil(Math.max(...all)) + border)];
  };
  const [left, right] = range(0);
  const [top, bottom] = range(1);
  for (let plane = 0; plane < image.length; plane += side * side)
    for (let y = top; y < bottom; y++) image.fill(128, plane + y * side + left, plane + y * side + right);
}
