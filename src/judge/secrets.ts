import { hmac, sha256 } from '../runtime/index.ts';
import { type Images, rowSize, rows, type Tensor } from '../tensor/index.ts';

/**
 * What a host is told of a run's seed: enough for the random numbers of its role, and nothing of the others'.
 * @param role `attack`, `model of an attack`
 */
export function roleSeed(seed: number | string, role: string): string {
  return hmac(String(seed), `role ${role}`);
}

/**
 * The secret from which the judge names samples, where nobody has given one: it follows from the seed, so that a run can
 * be made again. It is no secret to who knows the seed; a sealed run has another.
 */
export function secretOf(seed: number | string): string {
  return hmac(String(seed), 'names');
}

/**
 * What a defense is told of a sample: equal pixels have equal names, whoever made them, and a name says nothing else. The
 * judge's draws are keyed by it.
 * @param pixels hash of the pixels
 */
export function nameOf(secret: string, pixels: string): string {
  return hmac(secret, pixels);
}

/** SHA-256 of each row's bytes: what an image is, whatever its file. */
export function hashRows(images: Images | Tensor<'uint8'>): string[] {
  const size = rowSize(images);
  return Array.from({ length: images.shape[0] ?? 0 }, (_, i) => {
    const { data } = rows(images as Images, i, i + 1);
    return sha256(new Uint8Array(data.buffer, data.byteOffset, size * data.BYTES_PER_ELEMENT));
  });
}
