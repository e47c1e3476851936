import type { Sidecar } from './sidecar.ts';

/** What networks are trained with most often: model input = (pixel − mean) / std, pixel in [0,1]. */
export interface KnownPreprocessing {
  /** What people call it. */
  title: string;
  /** One number for all channels, or red, green and blue. */
  mean: readonly number[];
  std: readonly number[];
  /** For images of one channel alone. */
  grey?: boolean;
  /** For images of few pixels alone. */
  small?: boolean;
}

/** Of the photographs of ImageNet. */
export const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;

/** Of the images that CLIP learned from. */
export const clip = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
} as const;

/** Means of ImageNet's levels as Caffe's models have them. */
const caffe = [123.68, 116.779, 103.939];

/** What is more usual stands before what is much like it. */
export const knownPreprocessings: readonly KnownPreprocessing[] = [
  { title: '[0,1]', mean: [0], std: [1] },
  { title: '[-1,1]', mean: [0.5], std: [0.5] },
  {
    title: 'CIFAR-10 mean and std',
    mean: [0.4914, 0.4822, 0.4465],
    std: [0.247, 0.2435, 0.2616],
    small: true,
  },
  {
    // The mean of the deviations within an image, which much training code has.
    title: 'CIFAR-10, other std',
    mean: [0.4914, 0.4822, 0.4465],
    std: [0.2023, 0.1994, 0.201],
    small: true,
  },
  {
    title: 'CIFAR-100 mean and std',
    mean: [0.5071, 0.4867, 0.4408],
    std: [0.2675, 0.2565, 0.2761],
    small: true,
  },
  { title: 'ImageNet mean and std', ...imagenet },
  { title: 'CLIP mean and std', ...clip },
  { title: 'MNIST mean and std', mean: [0.1307], std: [0.3081], grey: true },
  { title: '0..255', mean: [0], std: [1 / 255] },
  { title: '0..255 minus Caffe means', mean: caffe.map((level) => level / 255), std: [1 / 255] },
];

/** Images of sides up to this many pixels are small: CIFAR's have 32, and are sometimes enlarged. */
export const smallSide = 64;

/** A number for each channel. */
export function perChannel(values: readonly number[], channels: number): readonly number[] {
  return values.length === 1 ? Array.from({ length: channels }, () => values[0] as number) : values;
}

/**
 * Whether means are the same but for rounding: by a level of 255, for people write Caffe's as 104, 117, 123 and as
 * 103.939, 116.779, 123.68.
 */
export function sameMeans(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((mean, i) => Math.abs(mean - (b[i] as number)) <= 1 / 255);
}

/** The order that known means stand in, and whose they are, where it is not the one that the sidecar says. */
export function swappedOrder({
  input,
  preprocessing,
}: Sidecar): { order: 'RGB' | 'BGR'; title: string } | undefined {
  if (input.channels === 'GRAY') return undefined;
  const known = knownPreprocessings.filter(({ mean }) => mean.length === 3);
  const fits = (order: 'RGB' | 'BGR') =>
    known.find(({ mean }) => sameMeans(order === 'RGB' ? mean : mean.toReversed(), preprocessing.mean));
  if (fits(input.channels) !== undefined) return undefined;
  const order = input.channels === 'RGB' ? 'BGR' : 'RGB';
  const whose = fits(order);
  return whose && { order, title: whose.title };
}
