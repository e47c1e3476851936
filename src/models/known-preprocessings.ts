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
}

/** Means of ImageNet's levels as Caffe's models have them. */
const caffe = [123.68, 116.779, 103.939];

export const knownPreprocessings: readonly KnownPreprocessing[] = [
  { title: '[0,1]', mean: [0], std: [1] },
  { title: '[-1,1]', mean: [0.5], std: [0.5] },
  { title: 'ImageNet mean and std', mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  { title: 'MNIST mean and std', mean: [0.1307], std: [0.3081], grey: true },
  { title: '0..255', mean: [0], std: [1 / 255] },
  { title: '0..255 minus Caffe means', mean: caffe.map((level) => level / 255), std: [1 / 255] },
];

/** A number for each channel. */
export function perChannel(values: readonly number[], channels: number): readonly number[] {
  return values.length === 1 ? Array.from({ length: channels }, () => values[0] as number) : values;
}

/** The order that means of ImageNet stand in, where it is not the one that the sidecar says. */
export function swappedOrder({ input, preprocessing }: Sidecar): 'RGB' | 'BGR' | undefined {
  if (input.channels === 'GRAY') return undefined;
  const near = (means: readonly number[]): boolean =>
    means.every((mean, i) => Math.abs(mean - (preprocessing.mean[i] as number)) < 1e-3);
  const known = knownPreprocessings.map(({ mean }) => mean).filter((mean) => mean.length === 3);
  const order = known.some(near) ? 'RGB' : known.some((mean) => near(mean.toReversed())) ? 'BGR' : undefined;
  return order === input.channels ? undefined : order;
}
