import { AdvarenaError, contains, type Images, type Norm, project } from '../tensor/index.ts';

/** What an adversarial image may differ from the clean one: a norm ball within the pixel box [0,1]. */
export interface Limit {
  readonly norm: Norm;
  /** Radius in pixel units of [0,1]; for l0 the number of pixels. */
  readonly epsilon: number;
  /** Moves each row to the nearest point of ball and box, in place. */
  project(images: Images, clean: Images): void;
  /** Whether each row is inside, to a relative tolerance of 1e-4. */
  contains(images: Images, clean: Images): boolean[];
}

/** @throws AdvarenaError EPSILON unless epsilon is positive and finite */
export function ball(norm: Norm, epsilon: number): Limit {
  if (!(epsilon > 0) || !Number.isFinite(epsilon))
    throw new AdvarenaError('EPSILON', `epsilon is ${epsilon}.`, {
      remedy: 'Give a positive number in pixel units of [0,1], such as 8/255.',
    });
  return {
    norm,
    epsilon,
    project: (images, clean) => project(images, clean, norm, epsilon),
    contains: (images, clean) => contains(images, clean, norm, epsilon),
  };
}
