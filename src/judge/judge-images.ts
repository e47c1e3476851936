import {
  clone,
  contains,
  type Images,
  type Norm,
  project,
  roundInside,
  type Tensor,
  toFloat,
  toUint8,
} from '../tensor/index.ts';

/** How images are judged: as a camera or file would hold them, or exactly as proposed. */
export type Pixels = '8-bit' | 'float32';

export interface Judged {
  /** What is classified: float32 [rows, C, H, W]. */
  images: Images;
  /** The same as 8-bit values, where pixels are 8-bit. */
  bytes?: Tensor<'uint8'>;
  /** Rows that had left the ball or the box and were brought back. */
  outside: number;
}

/**
 * Brings proposed images into the ball around the clean ones and into [0,1], and rounds them to 8 bits without
 * leaving it. Clean images must be 8-bit values over 255 where pixels are 8-bit.
 */
export function judgeImages(
  proposed: Images,
  clean: Images,
  rule: { norm: Norm; epsilon: number; pixels: Pixels },
): Judged {
  const outside = contains(proposed, clean, rule.norm, rule.epsilon).filter((inside) => !inside).length;
  const images = clone(proposed);
  project(images, clean, rule.norm, rule.epsilon);
  if (rule.pixels === 'float32') return { images, outside };
  const bytes = roundInside(images, toUint8(clean), rule.norm, rule.epsilon);
  return { images: toFloat(bytes), bytes, outside };
}
