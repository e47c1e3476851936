import { z } from 'zod';
import { inCourses } from './courses.ts';
import { defineAttack } from './define.ts';
import { along, scanOptions } from './scan.ts';

/** Blurred more and more: the deviation goes up to the longer side. Beyond its border the image is mirrored. */
export const gaussianBlur = defineAttack({
  name: 'gaussian-blur',
  title: 'Gaussian blur',
  paper: 'none of its own: a control of Foolbox (GaussianBlurAttack)',
  heldTo: 'closed forms',
  access: 'decision',
  norms: ['linf', 'l2'],
  goals: ['untargeted'],
  radius: 'minimum',
  options: z.strictObject(scanOptions),
  run: (context) =>
    inCourses(context, (sample) => {
      const [, height, width] = sample.shape;
      const longest = Math.max(height, width);
      return along(sample, (share) => blurred(sample.clean, sample.shape, share * longest), context.options);
    }),
});

/** An image under a Gaussian of this deviation in pixels, each channel by itself. @param deviation 0 leaves it */
export function blurred(
  image: Float32Array,
  [channels, height, width]: readonly [channels: number, height: number, width: number],
  deviation: number,
): Float32Array {
  if (deviation === 0) return image.slice();
  const across = weightsOf(width, deviation);
  const down = weightsOf(height, deviation);
  const out = new Float32Array(image.length);
  const rows = new Float64Array(height * width);
  for (let c = 0; c < channels; c++) {
    const plane = image.subarray(c * height * width, (c + 1) * height * width);
    for (let i = 0; i < height; i++)
      for (let j = 0; j < width; j++) {
        let sum = 0;
        for (let k = 0; k < width; k++)
          sum += (across[j * width + k] as number) * (plane[i * width + k] as number);
        rows[i * width + j] = sum;
      }
    for (let i = 0; i < height; i++)
      for (let j = 0; j < width; j++) {
        let sum = 0;
        for (let k = 0; k < height; k++)
          sum += (down[i * height + k] as number) * (rows[k * width + j] as number);
        out[(c * height + i) * width + j] = Math.min(1, Math.max(0, sum));
      }
  }
  return out;
}

/** What each place of a line gets of each other, of sum 1: row by row, what lies outside mirrored into it. */
function weightsOf(length: number, deviation: number): Float64Array {
  const weights = new Float64Array(length * length);
  const reach = Math.ceil(4 * deviation);
  let total = 0;
  for (let d = -reach; d <= reach; d++) total += Math.exp(-(d * d) / (2 * deviation * deviation));
  for (let i = 0; i < length; i++)
    for (let d = -reach; d <= reach; d++) {
      const far = (((i + d) % (2 * length)) + 2 * length) % (2 * length);
      const at = i * length + (far < length ? far : 2 * length - 1 - far);
      weights[at] = (weights[at] as number) + Math.exp(-(d * d) / (2 * deviation * deviation)) / total;
    }
  return weights;
}
