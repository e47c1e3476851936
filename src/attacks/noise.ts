import { type Images, lengthOf, type Norm, type RandomStream, rowSize, rows } from '../tensor/index.ts';
import type { AttackContext } from './define.ts';
import { reach } from './step.ts';

/**
 * Adds to one image a point of the ball about 0, uniform in it: for linf in the cube; for l2 in the direction of a normal
 * at radius ε·U^(1/d); for l1 signed exponentials over their sum and one more. The image may then leave the pixel range.
 * @param radius finite
 * @param scratch of the image's size
 */
export function addUniform(
  image: Float32Array,
  { norm, radius }: { norm: Norm; radius: number },
  stream: RandomStream,
  scratch: Float32Array,
): void {
  let factor = 1;
  if (norm === 'l2') {
    stream.fillNormal(scratch, 0, 1);
    factor = (radius * stream.uniform() ** (1 / image.length)) / lengthOf(scratch, 'l2');
  } else if (norm === 'l1') {
    const exponential = (): number => -Math.log(1 - stream.uniform());
    let sum = exponential();
    for (let j = 0; j < scratch.length; j++) {
      const size = exponential();
      sum += size;
      scratch[j] = stream.sign() * size;
    }
    factor = radius / sum;
  } else stream.fillUniform(scratch, -radius, radius);
  for (let j = 0; j < image.length; j++) image[j] = (image[j] as number) + factor * (scratch[j] as number);
}

/**
 * Adds to one image a point of the ball's border: for linf a uniform one of the cube, stretched to it; else in the
 * direction of a normal. The image may then leave the pixel range.
 * @param scratch of the image's size
 */
export function addBorder(
  image: Float32Array,
  { norm, radius }: { norm: 'linf' | 'l2' | 'l1'; radius: number },
  stream: RandomStream,
  scratch: Float32Array,
): void {
  if (norm === 'linf') stream.fillUniform(scratch, -1, 1);
  else stream.fillNormal(scratch, 0, 1);
  const factor = radius / lengthOf(scratch, norm);
  for (let j = 0; j < image.length; j++) image[j] = (image[j] as number) + factor * (scratch[j] as number);
}

/** Moves each image to a random point of its limit, drawn in the ball, in place. */
export function perturb(
  images: Images,
  { batch, limit, random }: Pick<AttackContext, 'batch' | 'limit' | 'random'>,
  restart = 0,
): void {
  const scratch = new Float32Array(rowSize(images));
  const radii = reach(limit);
  for (const [i, id] of batch.ids.entries()) {
    const ball = { norm: limit.spec.norm, radius: radii[i] as number };
    addUniform(rows(images, i, i + 1).data, ball, random.stream(id, 'start', restart), scratch);
  }
  limit.project(images);
}

/** Adds ±ε to every pixel of one image, each sign from a random bit. The image may then leave the pixel range. */
export function addCorner(image: Float32Array, epsilon: number, stream: RandomStream): void {
  for (let from = 0; from < image.length; from += 32) {
    let bits = stream.uint32() | 0;
    const to = Math.min(from + 32, image.length);
    for (let j = from; j < to; j++, bits >>= 1)
      image[j] = (image[j] as number) + epsilon * (2 * (bits & 1) - 1);
  }
}
