import { type Images, type Limit, type Tensor, toUint8 } from '../tensor/index.ts';

export interface Judged {
  /** What is classified: float32 [rows, C, H, W]. */
  images: Images;
  /** The same as 8-bit values, where pixels are 8-bit. */
  bytes?: Tensor<'uint8'>;
  /** Rows that had left the limit and were brought back. */
  outside: number;
}

/**
 * Brings proposed images into the limit about the clean ones and, where pixels are 8-bit, rounds them without leaving
 * it.
 */
export function judgeImages(proposed: Images, limit: Limit): Judged {
  const outside = limit.outside(proposed).reduce((sum, out) => sum + out, 0);
  const images = limit.judged(proposed);
  return limit.pixels === '8-bit' ? { images, bytes: toUint8(images), outside } : { images, outside };
}
